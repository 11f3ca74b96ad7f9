import json

import pytest

from mmfourdpsg.analysis.results import (
    logged_metrics,
    make_test_record,
    read_test_records,
)
from mmfourdpsg.utils import InputError


def test_metrics_are_those_of_the_log_that_has_some(tmp_path):
    for name, metrics in (('1', {'time': 0.1}), ('2', {'a/b': 1.0, 'time': 0.1})):
        (tmp_path / name).mkdir()
        (tmp_path / name / f'{name}.json').write_text(json.dumps(metrics))
    assert logged_metrics(tmp_path, 'a.py') == {'a/b': 1.0}
    with pytest.raises(InputError, match=r'a\.py: its test has no metrics'):
        logged_metrics(tmp_path / '1', 'a.py')


def test_a_record_is_marked_once_its_config_changes(tmp_path):
    config = tmp_path / 'config.py'
    config.write_text('model = dict(size=8)\n')
    record = make_test_record(
        'it', str(config), ['model.size=9'], 'none', {'a/b': 1 / 3}
    )
    assert record['metrics'] == {'a/b': 0.33}
    folder = tmp_path / 'records'
    folder.mkdir()
    (folder / 'it.json').write_text(json.dumps(record))
    assert [row['name'] for row in read_test_records(folder)] == ['it']
    config.write_text('model = dict(size=8, more=1)\n')
    assert [row['name'] for row in read_test_records(folder)] == ['it \\*']
