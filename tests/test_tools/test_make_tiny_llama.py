import filecmp
import os
import subprocess
import sys


def test_shipped_tokenizer_is_what_the_tool_makes(repository, tmp_path):
    subprocess.run(
        [sys.executable, 'tools/make_tiny_llama.py', '--out', tmp_path],
        cwd=repository,
        env={**os.environ, 'PYTHONPATH': str(repository)},
        check=True,
        capture_output=True,
    )
    names = ['config.json', 'tokenizer.json', 'tokenizer_config.json']
    shipped = repository / 'checkpoints/tabletop/tiny_llama'
    assert filecmp.cmpfiles(tmp_path, shipped, names, shallow=False)[0] == names
