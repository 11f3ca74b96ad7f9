import json

from mmfourdpsg.analysis.studies.logged_curves import learning_curves


def scalars(folder, steps, start=1, seconds=2.0):
    path = folder / f'2026_{start:03d}' / 'vis_data'
    path.mkdir(parents=True)
    rows = [
        dict(step=i, iter=i, epoch=-(-i // 20), time=seconds, loss=9.0, loss_txt=1 / i)
        for i in steps
    ]
    rows.append({'scene_graph/R@20': 12.345, 'step': 2, 'time': 0.1})
    # The run was killed while it wrote.
    text = ''.join(json.dumps(row) + '\n' for row in rows) + '{"loss": 9.0, "st'
    (path / 'scalars.json').write_text(text)


def test_curves_are_those_of_the_logs_resumed_or_not(tmp_path):
    scalars(tmp_path, [10, 20, 30], seconds=2.0)
    scalars(tmp_path, [30, 40], start=21, seconds=4.0)
    found = learning_curves(tmp_path)
    assert found['steps'] == 40
    assert found['train_seconds'] == 20 * 2 + 20 * 4
    assert found['curves']['loss_txt'] == [
        [10, 0.1],
        [20, 0.05],
        [30, 0.0333],
        [40, 0.025],
    ]
    # 20 steps an epoch.
    assert found['curves']['R@20'] == [[40, 12.35]]
    assert learning_curves(tmp_path / 'nothing') == {}
