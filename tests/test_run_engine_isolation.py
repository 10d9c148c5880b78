"""What one notebook sets never reaches the next, nor the process that ran it."""

# ruff: noqa: E501 - a notebook's cell is one line here
from __future__ import annotations

import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import papermill
import pytest
from awkward_notebooks import notebook, plain
from papermill.exceptions import PapermillExecutionError

from attendance_helpers.run import engine, engine_notebook

# By name: what a notebook does, and how another could see it.
TRACES = {
    "a variable": ("seen = 1", "'seen' in globals()"),
    "__main__": ("import sys; sys.modules['__main__'].seen = 1", "import __main__; hasattr(__main__, 'seen')"),
    "outputs and inputs": ("5", "Out, len(In), _i, get_ipython().execution_count"),
    "rcParams": ("import matplotlib\nmatplotlib.rcParams['figure.dpi'] = 7", "import matplotlib; matplotlib.rcParams['figure.dpi']"),
    "the style": ("import matplotlib.pyplot as plt\nplt.style.use('ggplot')", "import matplotlib; matplotlib.rcParams['axes.facecolor']"),
    "a style of its own": ("import matplotlib.style as s\ns.library['own'] = {}", "import matplotlib.style as s; 'own' in s.library"),
    "the palette": ("import seaborn\nseaborn.set_palette('bright', color_codes=True)", "import matplotlib.colors as c; c.to_hex('b')"),
    "the theme": ("import seaborn\nseaborn.set_theme(font_scale=3)", "import matplotlib; matplotlib.rcParams['font.size']"),
    "a palette of its own": ("import seaborn.palettes as p\np.SEABORN_PALETTES['own'] = ['r']", "import seaborn.palettes as p; 'own' in p.SEABORN_PALETTES"),
    "seaborn's objects": ("import seaborn.objects as so\nso.Plot.config.display['format'] = 'svg'", "import seaborn.objects as so; so.Plot.config.display['format']"),
    "a colour map": ("import matplotlib\nmatplotlib.colormaps.register(matplotlib.colormaps['viridis'], name='own')", "import matplotlib; 'own' in matplotlib.colormaps"),
    "converters": ("import pandas.plotting\npandas.plotting.register_matplotlib_converters()", "import matplotlib.units as u; sorted(map(str, u.registry))"),
    "open figures": ("%config InlineBackend.close_figures = False\nimport matplotlib.pyplot as plt\nplt.figure(3)", "import matplotlib.pyplot as plt; plt.get_fignums()"),
    "figures that were not drawn": ("import matplotlib.pyplot as plt\nplt.ioff(); plt.figure()", "import matplotlib.pyplot as plt; plt.get_fignums(), plt.isinteractive()"),
    "the figure format": ("%config InlineBackend.figure_formats = ['svg']", "import matplotlib.pyplot as plt\nsorted(get_ipython().display_formatter.format(plt.figure(figsize=(1, 1)).add_subplot().figure)[0])"),
    "the backend": ("import matplotlib; matplotlib.use('agg')", "import matplotlib; matplotlib.get_backend()"),
    "pandas' options": ("import pandas as pd; pd.set_option('display.max_rows', 3, 'mode.string_storage', 'python')", "import pandas as pd; pd.get_option('display.max_rows'), pd.get_option('mode.string_storage')"),
    "pandas' accessors": ("import pandas as pd\n@pd.api.extensions.register_dataframe_accessor('own')\nclass Own:\n    def __init__(self, frame): pass", "import pandas as pd; hasattr(pd.DataFrame, 'own')"),
    "numpy's options": ("import numpy as np; np.set_printoptions(precision=1); np.seterr(all='raise')", "import numpy as np; np.array([1.234]), np.geterr()"),
    "decimal's context": ("import decimal; decimal.getcontext().prec = 3", "import decimal; decimal.getcontext().prec"),
    "warning filters": ("import warnings; warnings.simplefilter('ignore')", "import warnings; warnings.warn('seen')"),
    "how warnings are shown": ("import warnings; warnings.showwarning = lambda *a, **k: None", "import warnings; warnings.warn('seen')"),
    "the working folder": ("import os; os.chdir('/')", "import os; os.getcwd()"),
    "rights of new files": ("import os; os.umask(0)", "import os; m = os.umask(0o22); os.umask(m); m"),
    "the environment": ("import os; os.environ['SEEN'] = '1'; os.environ.pop('PATH')", "import os; 'SEEN' in os.environ, 'PATH' in os.environ"),
    "the time zone": ("import os, time; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "import time; time.tzname"),
    "sys.path": ("import sys; sys.path.append('/seen'); sys.path = sys.path[:1]", "import sys; sys.path"),
    "sys.argv": ("import sys; sys.argv.append('seen')", "import sys; sys.argv"),
    "random numbers": ("import random; random.seed(1); random.seed = None", "import random; random.seed is None"),
    "logging": ("import logging; logging.basicConfig(level=10); logging.getLogger('pandas').setLevel(1); logging.disable(30)", "import logging; logging.root.handlers, logging.root.level, logging.getLogger('pandas').level, logging.root.manager.disable"),
    "captured warnings": ("import logging; logging.captureWarnings(True)", "import warnings; warnings.warn('seen')"),
    "the locale": ("import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8' if locale.setlocale(locale.LC_ALL) != 'C.UTF-8' else 'C')", "import locale; locale.setlocale(locale.LC_ALL)"),
    "signal handlers": ("import signal; h = signal.signal(signal.SIGUSR1, lambda *a: None)", "import signal; signal.getsignal(signal.SIGUSR1)"),
    "the streams": ("import sys, io; sys.stdin = io.StringIO('seen'); sys.stdout = io.StringIO(); sys.__stderr__ = None", "import sys; sys.stdin.read(), type(sys.stdout).__name__, sys.__stderr__ is None"),
    "hooks": ("import sys; sys.excepthook = None; sys.unraisablehook = None; sys.breakpointhook = None; sys.displayhook = print", "import sys; sys.excepthook is None, sys.unraisablehook is None, sys.breakpointhook is None, 5"),
    "builtins": ("import builtins; builtins.seen = 1; builtins.abs = lambda x: 7", "abs(-1), 'seen' in dir(__builtins__)"),
    "limits": ("import sys; sys.setrecursionlimit(9000); sys.setswitchinterval(1); sys.set_int_max_str_digits(0)", "import sys; sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()"),
    "garbage collection": ("import gc; gc.disable(); gc.set_threshold(1, 1, 1); gc.callbacks.append(print)", "import gc; gc.isenabled(), gc.get_threshold(), len(gc.callbacks)"),
    "event loops": ("import asyncio; asyncio.set_event_loop_policy(type('P', (asyncio.DefaultEventLoopPolicy,), {})())", "import asyncio; type(asyncio.get_event_loop_policy()).__name__"),
    "how processes start": ("import multiprocessing; multiprocessing.set_start_method('spawn', force=True)", "import multiprocessing; multiprocessing.get_start_method(allow_none=True)"),
    "modules of its own": ("open('own_module.py', 'w').write('x = 1')\nimport own_module, os; os.remove('own_module.py')", "import sys; 'own_module' in sys.modules"),
    "modules that it made": ("import sys, types; sys.modules['made_up'] = types.ModuleType('made_up')", "import sys; 'made_up' in sys.modules"),
    "modules that it replaced": ("import sys; sys.modules['json'] = 5; del sys.modules['csv']", "import sys, json; type(json).__name__, 'csv' in sys.modules"),
    "a library's constant": ("import math; math.pi = 3", "import math; math.pi"),
    "a library's function": ("import pandas as pd; pd.isna = lambda x: 'patched'", "import pandas as pd; pd.isna(1)"),
    "a library's method": ("import pandas as pd; pd.DataFrame.head = lambda self: 'patched'", "import pandas as pd; pd.DataFrame({'a': [1]}).head()"),
    "a new attribute": ("import numpy as np; np.seen = 1\nsetattr(np.ma, 'se' + 'en2', lambda: 0)", "import numpy as np; hasattr(np, 'seen'), hasattr(np.ma, 'seen2')"),
    "a patch by a module of its own": ("open('own_patch.py', 'w').write('import string\\nstring.digits = \"9\"')\nimport own_patch, os; os.remove('own_patch.py')", "import string; string.digits"),
    "a reloaded library": ("import importlib, colorsys; colorsys.ONE_THIRD = 5", "import colorsys; colorsys.ONE_THIRD"),
    "magics": ("from IPython.core.magic import register_line_magic\n@register_line_magic\ndef seen(line): pass", "'seen' in get_ipython().magics_manager.magics['line']"),
    "formatters": ("get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda *a: 'patched')", "5"),
    "front-end settings": ("%precision 2\n%config InteractiveShell.ast_node_interactivity = 'all'\n%xmode Plain", "1\n2.3456"),
    "sockets": ("import socket; socket.setdefaulttimeout(3)", "import socket; socket.getdefaulttimeout()"),
    "the temporary folder": ("import tempfile; tempfile.tempdir = '/seen'", "import tempfile; tempfile.gettempdir()"),
    "tracebacks": ("import sys; sys.tracebacklimit = 0; sys.last_value = 1", "import sys; hasattr(sys, 'tracebacklimit'), hasattr(sys, 'last_value')"),
}  # fmt: skip


def outputs(*cells: str) -> list[Any]:
    """Run a notebook and return what its last cell shows."""
    made = papermill.execute_notebook(
        notebook(list(cells)),
        None,
        engine_name="attendance",
        kernel_name="python3",
        progress_bar=False,
    )
    return [plain(dict(output)) for output in made.cells[-1].outputs]


def uncounted(shown: list[Any]) -> list[Any]:
    return [{key: held for key, held in one.items() if key != "execution_count"} for one in shown]


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process does in which nothing was left: other tests leave threads on purpose."""
    monkeypatch.setattr(engine_notebook, "LEFT", [])


@pytest.fixture(autouse=True, scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("isolation"))
    engine.warm()
    yield
    os.chdir(before)


@pytest.fixture(scope="module")
def unseen() -> dict[str, list[Any]]:
    """What each sees before any other has set something."""
    return {name: outputs(sees) for name, (_, sees) in TRACES.items()}


@pytest.mark.parametrize("name", TRACES)
def test_the_next_notebook_does_not_see(name: str, unseen: dict[str, list[Any]]) -> None:
    sets, sees = TRACES[name]
    assert uncounted(outputs(sets, sees)) != uncounted(unseen[name])  # so that it could be seen
    assert outputs(sees) == unseen[name]
    assert engine.tainted() == []


def test_a_warning_shown_once_is_shown_again() -> None:
    cells = "import pandas as pd, warnings\nfrom attendance_helpers.run import engine_needs\nwarnings.warn_explicit('seen', UserWarning, 'f.py', 1, registry=vars(engine_needs).setdefault('__warningregistry__', {}))"
    assert outputs(cells) == outputs(cells) != []


def test_random_numbers_are_its_own() -> None:
    drawn = "import random, numpy as np\nrandom.random(), float(np.random.random())"
    assert outputs(drawn) != outputs(drawn)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    outputs("import random; random.seed(9)")
    mine = random.random(), np.random.random()  # noqa: NPY002
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    assert mine == (random.random(), np.random.random())  # noqa: NPY002


def test_what_it_registers_for_the_end_is_done_at_its_end(tmp_path: Path) -> None:
    made = tmp_path / "made"
    outputs(f"import atexit\ndef write(): open({str(made)!r}, 'w')\natexit.register(write)")
    assert made.exists()


def test_the_process_is_as_before_whatever_came_in_any_order(unseen: dict[str, list[Any]]) -> None:
    def state() -> list[Any]:
        loggers: Any = logging.root.manager.loggerDict
        return [
            dict(os.environ), os.getcwd(), list(sys.path), sys.argv, sys.stdin, sys.stdout, sys.stderr,
            sys.displayhook, sys.excepthook, sys.modules["__main__"], hasattr(sys, "ps1"),
            dict(matplotlib.rcParams.items()), plt.get_fignums(), pd.get_option("display.max_rows"), np.geterr(),
            list(warnings.filters), logging.root.handlers[:], logging.root.level,
            [loggers[name].level for name in ("pandas", "papermill", "matplotlib") if name in loggers],
            locale.setlocale(locale.LC_ALL), signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM),
            sys.getrecursionlimit(), gc.isenabled(), gc.get_threshold(), threading.active_count(),
            os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else [], random.getstate(),
        ]  # fmt: skip

    outputs("1")
    figure = plt.figure()
    before = state()
    for sets, _ in reversed(TRACES.values()):
        outputs(sets)
    with pytest.raises(PapermillExecutionError):
        outputs("print('x')\n1 / 0")
    after = state()
    for one, other in zip(before, after, strict=True):
        assert one == other
    plt.close(figure)
    assert {name: outputs(TRACES[name][1]) for name in reversed(TRACES)} == unseen


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    outputs(
        "import os, sys\nprint(1); os.system('echo 2; echo 3 >&2'); sys.__stdout__.write('4')\nclass D:\n    def __del__(self): print(5)\nd = D(); d.d = d"
    )
    outputs("import asyncio\nasync def f(): 1/0\nt = asyncio.create_task(f()); c = f()")
    assert capfd.readouterr() == ("", "")


def test_a_thread_that_goes_on_is_told_of() -> None:
    code = "import threading\nend = threading.Event()\nthreading.Thread(target=end.wait, args=[{}], name='lingers').start()"
    outputs(code.format(30), "import builtins")
    assert engine.tainted() == ["a thread that goes on: lingers"]
    engine_notebook.LEFT.clear()
    outputs("import threading\nt = threading.Thread(target=print); t.start(); t.join()")
    assert engine.tainted() == []
