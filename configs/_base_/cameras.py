# What depth of each data set was recorded with: focal length in pixels at 640 columns,
# whatever the frames' size, and metres between the two views that ImageBind takes depth
# for (0.075 for Kinects, 0.095 for RealSense).
cameras = dict(
    # GTA's projection differs from frame to frame: this is a vertical field of view of
    # 50 degrees at 1280 x 800, 858 pixels at 1280 columns.
    psg4d_gta=dict(fx=429.0, baseline=0.075),
    # HOI4D has two cameras, a Kinect v2 and a RealSense D455, both of about 1050 pixels
    # at 1920 columns; HOI4D publishes each one's own.
    psg4d_hoi=dict(fx=350.0, baseline=0.095),
    # Indoors a Kinect v2: 757 pixels at the 1344 columns of HR images. Outdoor ones
    # are of other cameras and taken, too.
    diml=dict(fx=360.5, baseline=0.075),
)
