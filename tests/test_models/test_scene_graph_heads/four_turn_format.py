"""A text format of four turns, for tests of decoding."""

import re

from mmfourdpsg.models.text_formats import (
    FormattedGraph,
    ParsedGraph,
    ParsedObject,
    ParsedRelation,
    SceneGraphTextFormat,
)
from mmfourdpsg.registry import TASK_UTILS

NAME = 'name[max_tokens=4] ::= [a-z] [a-z-]*\n'
ROW = re.compile(r' ?(.+) \((.+)\) (.+) (0\.\d\d) (0\.\d\d)')
TIME = 'time ::= "0." [0-9] [0-9]\n'


@TASK_UTILS.register_module()
class FourTurnFormat(SceneGraphTextFormat):
    """Objects with ``[Obj]``, a remark, related pairs, their predicates and times.

    Args:
        constrained: Whether answers follow grammars.
    """

    num_turns = 4

    def __init__(self, constrained=True):
        super().__init__()
        self.constrained = constrained

    def prompt(self, turn, answers):
        said = answers[-1][:12] if answers else ''
        return ('List objects.', f'Describe. {said}', 'Which?', 'How, when?')[turn]

    def grammar(self, turn, answers, listed=None):
        if not self.constrained:
            return None
        names = [match[1] for match in self.objects(answers[0])] if turn else []
        listed = ' | '.join(f'"{name}"' for name in dict.fromkeys(names)) or '"none"'
        if turn == 0:
            row = 'row ::= name ": object " object_token " seen;"\n'
            return f'root ::= row (" " row){{0,3}}\n{row}{NAME}'
        if turn == 1:
            return 'root ::= remark ";"\nremark[max_tokens=6] ::= [^;[\\n]*\n'
        if turn == 2:
            pair = f'pair ::= any " with " any\nany ::= {listed}\n'
            return f'root ::= pair ("; " pair){{0,2}} ";" | "none;"\n{pair}'
        pairs = [match.groups() for match in self.pairs(answers[2])]
        rows = [f'"{a} (" name ") {b} " time " " time ";"' for a, b in pairs]
        root = ' " " '.join(rows) or '"nothing;"'
        return f'root ::= {root}\n{NAME}{TIME}'

    def close(self, turn, answer):
        if not self.constrained:
            return answer[: answer.rfind(' ') + 1].rstrip()
        # What is not there is said to be none.
        nothing = ('', '', 'none;', 'nothing;')[turn]
        return answer[: answer.rfind(';') + 1] or nothing

    def format(self, scene_graph):
        return FormattedGraph([])

    @staticmethod
    def objects(text):
        return list(re.finditer(r'([a-z][a-z-]*): object (\[Obj\]) seen;', text))

    @staticmethod
    def pairs(text):
        return list(re.finditer(r'([a-z][a-z-]*?) with ([a-z][a-z-]*);', text))

    def parse(self, turns, num_frames):
        graph = ParsedGraph()
        number = {}
        for match in self.objects(turns[0]) if turns else []:
            item = ParsedObject(match[1], len(graph.objects))
            item.mentions.append((0, *match.span()))
            item.prompts.append((0, *match.span(2)))
            number.setdefault(match[1], len(graph.objects))
            graph.objects.append(item)
        for segment in turns[3].split(';')[:-1] if len(turns) > 3 else []:
            match = ROW.fullmatch(segment)
            if not match or match[1] not in number or match[3] not in number:
                if segment != 'nothing':
                    graph.dropped.append(segment)
                continue
            start = turns[3].index(segment)
            key = (number[match[1]], match[2], number[match[3]])
            if key in [(r.subject, r.predicate, r.object) for r in graph.relations]:
                continue
            frames = sorted(int(float(match[i]) * num_frames) for i in (4, 5))
            ranges = [(3, start, start + len(segment) + 1)]
            graph.relations.append(ParsedRelation(*key, [tuple(frames)], [ranges]))
        return graph
