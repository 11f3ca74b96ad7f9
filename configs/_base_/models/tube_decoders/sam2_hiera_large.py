tube_decoder = dict(type='SAM2TubeDecoder')
