"""Awkward notebooks: what goes wrong with an engine that is no kernel. Each is a list of cells; a first line `# tags:` tags its cell."""

# ruff: noqa: E501 - a notebook's cell is one line here
from __future__ import annotations

import re
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

RAISES = "# tags: raises-exception\n"
KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}

STREAMS = [
    "import sys\nprint('a'); print('b', file=sys.stderr); print('c')\n'shown'",
    "print('a', flush=True); print('b', file=sys.stderr, flush=True); print('c', end='')",
    "sys.stdout.write('no end'), sys.stderr.write('nor here')",
    "display(1); print('between'); display(2); print('after', file=sys.stderr); print('last')",
    "for n in range(3): print(f'\\r{n}', end='')",
    "sys.stdout.writelines(['x\\n', 'y\\n']); sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.writable(), sys.stdout.name",
    "print('one')\nprint('two', file=sys.stderr)\ndisplay('three')\nprint('four', file=sys.stderr)\nprint('five')",
    "try: sys.stdout.write(b'bytes')\nexcept TypeError as problem: print(problem)",
    "from contextlib import redirect_stdout\nimport io\nheld = io.StringIO()\nwith redirect_stdout(held): print('kept')\nheld.getvalue()",
    "import time\nprint('early'); time.sleep(0.6); print('late')",
    "print('first', file=sys.stderr); time.sleep(0.6); print('second', file=sys.stderr)",
    "print('', end=''); None",
    "__import__('builtins').print('still', 'here', sep='-')",
]
RICH = [
    "from IPython.display import *\ndisplay(HTML('<b>x</b>'), Markdown('*x*'), Latex('$x$'), Javascript('1'), JSON({'a': (1, 2)}))",
    "class Html:\n    def _repr_html_(self): return '<i>é</i>'\n    def __repr__(self): return 'an Html'\nHtml()",
    "class Bundle:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'application/x+json': {'rows': [1, 2.5, None, True], 1: ('a', 'b')}, 'text/plain': 'x'}, {'application/x+json': {'m': 1}}\nBundle()",
    "class Png:\n    def _repr_png_(self): return b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 200, {'width': 5}\nPng()",
    "import base64\nImage(data=base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), width=3)",
    "SVG(data='<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
    "display({'text/plain': 'raw', 'application/json': {'deep': [{'er': 1.25}]}}, raw=True)",
    "display({'text/plain': ['a', 'list'], 'text/html': 'x'}, raw=True)",
    "import pandas as pd, numpy as np\npd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    "pd.Series([1.5, np.nan], name='s')",
    "pd.DataFrame({'a': [1, 2]}).style.format('{:.2f}')",
    "np.arange(20).reshape(4, 5) / 3",
    "{'b': [1] * 40, 'a': {'c': (1,), 'd': {1, 2}}}, 'text\\n', b'bytes', 1.0, None",
    "1; 2; 3;",
    "4\n5",
    "None",
    "display()",
    "x = 5",
    "[]",
    "'quiet';",
    "class Shy:\n    def _ipython_display_(self): print('printed, not shown')\nShy()",
    "class Many:\n    def _repr_html_(self): return 'h'\n    def _repr_latex_(self): return 'l'\n    def _repr_svg_(self): return '<svg/>'\n    def _repr_json_(self): return {'j': 1}\nMany()",
    "get_ipython().display_formatter.formatters['text/html'].for_type(complex, lambda c: f'<c>{c}</c>')\n1j",
    "class Loud:\n    def __repr__(self):\n        print('while it says itself')\n        return 'Loud'\nLoud()",
    "class Loud2:\n    def _repr_html_(self):\n        display('inside')\n        return 'outside'\n    __repr__ = lambda self: 'r'\ndisplay(Loud2())\nLoud2()",
    "publish_display_data({'text/plain': 'p'}, {'k': {'v': 1}})",
    "display(DisplayHandle, metadata={'text/plain': {'a': 1}})",
    "Code('x = 1', language='python')",
    "Audio(data=[0.0, 0.1], rate=8000).autoplay, Video('x.mp4')",
    "FileLink('nowhere.txt')",
    "range(3), type, len, lambda: 0",
    "'x' * 2000",
    "list(range(2000))",
]
DISPLAY_IDS = [
    "first = display('one', display_id='first')\nprint('x')\nsecond = display('two', display_id=True)",
    "first.update('ONE')\nprint('in a later cell')",
    "display('again', display_id='first')",
    "from IPython.display import update_display, clear_output, HTML\nupdate_display(HTML('<b>both</b>'), display_id='first')",
    "update_display('nobody', display_id='unknown')",
    "third = display('three', display_id='third'); clear_output(); display('instead')",
    "third.update('never seen')",
    "display('x', display_id='loop')\nfor n in range(5): update_display(n, display_id='loop')",
    "second.update({'text/plain': 'raw', 'application/json': {'a': [1]}}, raw=True)\nsecond.display('again')",
]
CLEARED = [
    "from IPython.display import clear_output\nprint('gone'); clear_output(); print('kept')",
    "print('gone'); clear_output(wait=True); print('kept')",
    "print('kept'); clear_output(wait=True)",
    "for n in range(4):\n    clear_output(wait=True); print(n); display(n)",
    "display(1); clear_output(wait=True); display(2); print(3); clear_output(); 4",
    "import sys\nprint('e', file=sys.stderr); clear_output(); print('f', file=sys.stderr)",
    RAISES + "print('gone'); clear_output(wait=True); 1 / 0",
    "clear_output()",
]
FIGURES = [
    "import matplotlib.pyplot as plt, matplotlib\nmatplotlib.get_backend(), matplotlib.is_interactive(), plt.rcParams['figure.dpi'], plt.get_fignums()",
    "plt.plot([1, 2]); print('text before')",
    "fig, ax = plt.subplots(figsize=(2, 1)); ax.plot([1, 3])\nfig",
    "plt.figure(figsize=(1, 1)); plt.show(); print('after'); plt.figure(figsize=(2, 1));",
    "fig = plt.figure(figsize=(1, 1)); plt.close(fig); plt.get_fignums()",
    "fig, ax = plt.subplots(figsize=(1, 1), facecolor='none'); ax.tick_params(colors='white')",
    "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 'x'\nfig, ax = plt.subplots(figsize=(1, 1))",
    "%config InlineBackend.close_figures = False\nfig, ax = plt.subplots(figsize=(1, 1), num=7)",
    "ax.plot([1, 2]); plt.get_fignums()",
    "plt.gcf().number",
    "%config InlineBackend.close_figures = True\n%config InlineBackend.figure_formats = ['retina']\nplt.figure(figsize=(1, 1));",
    "plt.ioff(); fig = plt.figure(figsize=(1, 1)); plt.isinteractive()",
    "plt.show()",
    "plt.ion(); plt.isinteractive()",
    "%matplotlib inline\nplt.figure(figsize=(1, 1)); display(plt.gcf()); print('x')",
    "import seaborn as sns\nsns.set_theme(); plt.figure(figsize=(1, 1)); plt.plot([1]);",
    "fig = matplotlib.figure.Figure(figsize=(1, 1)); fig.subplots(); fig",
    "fig = plt.figure(figsize=(1, 1)); fig.show()",
    "from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('png', 'pdf', quality=3) if False else None\nplt.figure(figsize=(1, 1)); 'value'",
    RAISES + "plt.figure(figsize=(1, 1)); 1 / 0",
    RAISES
    + "class Bad(matplotlib.lines.Line2D):\n    def draw(self, renderer): raise ValueError('cannot be drawn')\nax = plt.figure(figsize=(1, 1)).gca(); ax.add_line(Bad([0], [1])); 'x'",
    "matplotlib.use('agg'); plt.figure(figsize=(1, 1)); matplotlib.get_backend()",
]
ERRORS = [
    RAISES
    + "def inner(x):\n    y = 'é'\n    return x / 0\ndef outer():\n    return inner(1)\nprint('before'); outer()",
    RAISES
    + "try:\n    {}['k']\nexcept KeyError as problem:\n    raise ValueError('chained\\nlines') from problem",
    RAISES + "try:\n    {}['k']\nexcept KeyError:\n    undefined_name",
    RAISES + "x = (1,\ny = 2",
    RAISES + "if True:\nx = 1",
    RAISES + "  x = 1\n y = 2",
    RAISES + "print 'x'",
    RAISES + "return 1",
    RAISES + "'é' +",
    RAISES + "raise ExceptionGroup('several', [ValueError(1), TypeError('two')])",
    RAISES + "raise KeyboardInterrupt('by hand')",
    RAISES + "raise BaseException('base')",
    RAISES + "assert 1 == 2, 'not so'",
    RAISES
    + "class Odd(Exception):\n    def __str__(self): raise RuntimeError('cannot say')\nraise Odd",
    "def deep(n): return deep(n + 1)\ntry: deep(0)\nexcept RecursionError as problem: print(problem)",
    RAISES + "class Bad:\n    def __repr__(self): raise ValueError('no repr')\nBad()",
    "class BadHtml:\n    def _repr_html_(self): raise ValueError('no html')\n    def __repr__(self): return 'plain'\nBadHtml()",
    "display(BadHtml()); print('goes on')",
    RAISES + "%no_such_magic 1",
    RAISES + "%%no_such_cell_magic\nx",
    RAISES + "%cd /no/such/folder/at/all",
    RAISES + "import no_such_module_at_all",
    RAISES + "import json\njson.loads('{')",
    RAISES + "import pandas as pd\npd.DataFrame({'a': [1]})['b']",
    RAISES + "raise Exception",
    RAISES + "raise Exception('')",
    RAISES + "raise StopIteration(1)",
    RAISES + "raise GeneratorExit",
    RAISES + "with open('/no/such/file'): pass",
    RAISES + "eval('1 +')",
    RAISES + "exec('def f():\\n  1/0\\nf()')",
    RAISES + "compile('x', 'named.py', 'exec') and exec(compile('1/0', 'named.py', 'exec'))",
    RAISES
    + "async def f():\n    await g()\nasync def g():\n    raise OSError(2, 'in a coroutine')\nawait f()",
    RAISES + "import warnings\nwarnings.simplefilter('error'); warnings.warn('as an error')",
    RAISES + "e = ValueError('noted'); e.add_note('a note'); raise e",
    RAISES + "raise type('Long', (Exception,), {})('x' * 5000)",
    "%xmode Plain",
    RAISES + "outer()",
    "%xmode Verbose",
    RAISES + "inner(3)",
    "%xmode Minimal",
    RAISES + "inner(3)",
    "%xmode Context",
    "import traceback\ntry: outer()\nexcept ZeroDivisionError: traceback.print_exc()",
    "%tb",
    "get_ipython().showtraceback",
    "try: outer()\nexcept ZeroDivisionError: get_ipython().showtraceback()",
    "import sys\nsys.last_type, type(sys.last_value).__name__",
    "print('the end')",
]
FAILS = ["x = 1\nprint('before')", "def f():\n    1 / 0\nf()", "print('never')"]
EXITS = ["print('before')", "import sys\nsys.exit()", "print('never')"]
EXITS_BADLY = ["import sys\nprint('x')\nsys.exit(3)", "print('never')"]
EXITS_AND_MAY = [
    RAISES + "raise SystemExit('a word')",
    RAISES + "import sys; sys.exit(0)",
    "print('goes on')",
]
ASKS = [
    RAISES + "input('name? ')",
    RAISES + "import getpass\ngetpass.getpass('word? ')",
    "import sys\nrepr(sys.stdin.read()), sys.stdin.readline(), list(sys.stdin)",
    "try: input()\nexcept Exception as problem: print(type(problem).__name__, problem)",
]
ASYNC = [
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "async def numbers():\n    for n in range(3):\n        yield n\nasync for n in numbers(): print(n)\n[n async for n in numbers()]",
    "import contextlib\n@contextlib.asynccontextmanager\nasync def held():\n    yield 5\nasync with held() as value: print(value)",
    "async def later(n):\n    await asyncio.sleep(0.01 * n)\n    print('task', n)\n    return n\nawait asyncio.gather(later(2), later(1))",
    "task = asyncio.create_task(later(3)); 'made'",
    "await task",
    "asyncio.get_running_loop().is_running(), asyncio.get_event_loop() is asyncio.get_running_loop()",
    RAISES + "waiting = asyncio.sleep(0)\ntry: asyncio.run(waiting)\nfinally: waiting.close()",
    "async def f(): return 1\nf().close(); await f()",
    "try: await asyncio.wait_for(asyncio.sleep(5), 0)\nexcept TimeoutError as problem: print(type(problem))",
    "%autoawait",
    "await asyncio.to_thread(lambda: 6)",
    "loop = asyncio.get_running_loop(); await loop.run_in_executor(None, lambda: print('in a thread'))",
    "failing = asyncio.ensure_future(asyncio.sleep(0, 'x')); await failing",
    RAISES
    + "task.cancel(); await asyncio.sleep(0); asyncio.create_task(asyncio.sleep(9)).cancel(); raise asyncio.CancelledError('so')",
    "never = asyncio.create_task(asyncio.sleep(60)); 'left running'",
    "proc = await asyncio.create_subprocess_exec('echo', 'child', stdout=-1); (await proc.communicate())[0]",
]
MAGICS = [
    "%%capture held\nprint('hidden'); display(1); 2",
    "held.show(); held.stdout",
    "%pwd\n''",
    "%env AWKWARD=1\nimport os; os.environ['AWKWARD']",
    "%%html\n<b>x</b>",
    "%%javascript\n1",
    "%%latex\n$x$",
    "%%markdown\n*x*",
    "%%svg\n<svg/>",
    "a = 1; b = 'two'\n%who",
    "%whos",
    "%who_ls str",
    "%precision 3\n3.14159",
    "3.14159",
    "%pprint\n{'a': [1] * 60}",
    "%pprint",
    "%history",
    "%history -n 1-3",
    "%macro m 4\nm",
    "%alias_magic t timeit",
    "%lsmagic\nNone",
    "len?",
    "len??",
    "%pinfo2 len",
    "%pdoc len",
    "%psearch le*",
    "%pfile no_such_thing",
    "%timeit -n1 -r1 -q -o 1\nNone",
    "%reset_selective -f ^b$\n'b' in globals()",
    "%cd -q .\n%dirs",
    "%config InteractiveShell.ast_node_interactivity = 'all'",
    "1\n2",
    "%config InteractiveShell.ast_node_interactivity = 'last_expr_or_assign'",
    "z = 9",
    "%config InteractiveShell.ast_node_interactivity = 'last_expr'",
    "%automagic",
    "%config Completer.use_jedi",
    "%logstate",
    "%rerun 11",
    "%recall 12",
    "%%writefile -a awkward_written.py\nvalue = 5",
    "%run awkward_written.py\nvalue",
    "%run -i awkward_written.py",
    "%load awkward_written.py",
    "os.remove('awkward_written.py')",
    "%quickref",
    "%magic",
    "%page a",
    "%reset -f\n'a' in globals()",
    "from IPython.core.magic import register_line_magic, register_cell_magic\n@register_line_magic\ndef double(line): return line * 2\n%double ab",
    "@register_cell_magic\ndef shout(line, cell): print(cell.upper())",
    "%%shout\nhello",
    "x = %double 4\nx",
    "%set_env AWKWARD 2",
    "%prun -q -r 1\nNone",
    "%code_wrap --list",
    "?print",
    "import json\njson.dumps?",
]
# A kernel hears what is written to a descriptor in a thread, and what it hears after the cell's end it drops.
HEARD = "time.sleep(0.3)"
OTHERS = [
    "!echo from a shell",
    "out = !echo held\nout",
    "!no_such_program_here",
    "_exit_code",
    "import os, time\n_ = os.system('echo from system')\n" + HEARD,
    "import subprocess, sys\n_ = subprocess.run(['echo', 'from run'])\n" + HEARD,
    "_ = subprocess.run('echo to stderr >&2', shell=True)\n" + HEARD,
    "subprocess.check_output(['echo', 'x'])",
    "os.popen('echo opened').read()",
    "_ = subprocess.run([sys.executable, '-c', 'print(input())'], capture_output=True, text=True); _.stdout, _.stderr[-30:]",
    "_ = os.write(1, b'to the descriptor\\n')\n" + HEARD,
    "_ = os.write(2, b'to the other\\n')\n" + HEARD,
    "_ = sys.__stdout__.write('below\\n'), sys.__stdout__.flush()\n" + HEARD,
    "!exit 3",
    "_exit_code",
    "x = 'var'\n!echo {x} $x",
    "!echo a; echo b >&2",
    RAISES + "subprocess.run(['false'], check=True)",
    "get_ipython().getoutput('echo got')",
    "get_ipython().system('echo sys')",
]
BYTES = [
    "import os, sys, time\n_ = os.write(1, b'\\xff\\xfe not utf-8 \\xc3\\xa9\\n')\n" + HEARD,
    RAISES + "sys.stdout.buffer",
    "print('lone \\udcff surrogate')",
    "'\\udcff'",
    "display({'text/plain': 'lone \\udcff'}, raw=True)",
    "print('\\x00\\x01\\x1b[31mred\\x1b[0m')",
    "print('😀 \\u202e \\ufeff')",
    RAISES + "raise ValueError('\\udcff')",
    "!printf '\\377\\n'",
    RAISES + "b'\\xff'.decode()",
    "print('é' * 3, 'ß')",
]
BIG = [
    "print('x' * 50_000_000)",
    "'y' * 3_000_000",
    "from IPython.display import HTML\nHTML('z' * 10_000_000)",
]
THREADS = [
    "import threading\ngo, said = threading.Event(), threading.Event()\ndef late():\n    go.wait(); print('late', flush=True); display('shown late'); said.set()\nthread = threading.Thread(target=late); thread.start(); print('started')",
    "print('another cell'); go.set(); said.wait(); thread.join()",
    "thread = threading.Thread(target=lambda: print('at once')); thread.start(); thread.join()",
    "def fails(): raise ValueError('in a thread')\nthread = threading.Thread(target=fails, name='T'); thread.start(); thread.join()",
    "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(1) as pool: list(pool.map(print, 'abc'))",
    "import time\nthreading.Timer(0.05, print, ['nobody waits']).start()",
    "time.sleep(0.3); 'after'",
]
IN_PIECES = [
    "for n in range(20000): print(n)",
    "import multiprocessing\ndef child(n):\n    print('child', n)\n    return n\nwith multiprocessing.get_context('fork').Pool(1) as pool: print(pool.map(child, [1]))",
]
BEGINNING = [
    "sorted(globals())",
    "__name__, __doc__, __builtins__, In, Out, _, __, ___, _i, _ii, _dh == [__import__('os').getcwd()]",
    "import sys, os, logging, warnings, signal, locale, gc, decimal, random, builtins\n[os.path.basename(sys.argv[0]), sys.argv[1]], sys.path.count(''), sys.flags.interactive",
    "type(get_ipython()).__name__, type(sys.stdout).__name__, type(sys.stdin).__name__, type(sys.displayhook).__name__, sys.excepthook.__name__",
    "logging.root.handlers, logging.root.level, logging.root.manager.disable",
    "[f for f in warnings.filters if 'Provisional' not in str(f)]",
    "signal.getsignal(signal.SIGINT) is signal.default_int_handler, locale.setlocale(locale.LC_ALL), gc.isenabled(), sys.getrecursionlimit()",
    "{k: v for k, v in sorted(os.environ.items()) if k in {'TERM', 'CLICOLOR', 'FORCE_COLOR', 'PAGER', 'GIT_PAGER', 'MPLBACKEND', 'CLICOLOR_FORCE'}}",
    "sys.modules['__main__'].__dict__ is globals(), sys.modules['__main__'].__name__, hasattr(builtins, 'display'), builtins.__IPYTHON__, sys.ps1, hasattr(sys, 'last_value')",
    "_i, _ii, In[1], Out.keys(), _3",
    "decimal.getcontext().prec, sys.gettrace(), threading.active_count() if 'threading' in globals() else 0",
    "get_ipython().execution_count, get_ipython().history_manager.session_number, get_ipython().has_trait('kernel')",
    "import asyncio\ntype(asyncio.get_event_loop()).__name__, asyncio.get_event_loop_policy().__class__.__name__",
    "import matplotlib\nsorted(k for k in matplotlib.rcParams if matplotlib.rcParams[k] != matplotlib.rcParamsDefault[k])",
    "import pandas as pd\npd.get_option('display.max_rows'), pd.get_option('display.width'), pd.get_option('display.notebook_repr_html')",
    "open, exit, quit",
    "%who",
    "'tornado' in sys.modules, 'ipykernel' in sys.modules, 'zmq' in sys.modules",
]
WARNS = [
    "import warnings\nfor n in range(3): warnings.warn('in a loop')",
    "def f(): warnings.warn('in a function', stacklevel=2)\nf(); f()",
    "f()",
    "warnings.warn('old', DeprecationWarning); warnings.warn('old', PendingDeprecationWarning)",
    "import numpy as np\nnp.array([1.0]) / 0",
    "np.array([1.0]) / 0",
    "import logging\nlogging.warning('by the root'); logging.getLogger('x').error('by x'); logging.info('unheard')",
    "logging.getLogger('papermill').warning('by papermill')",
    "logging.basicConfig(level='INFO', format='%(name)s: %(message)s'); logging.info('heard'); logging.getLogger('y').info('as well')",
    "warnings.showwarning = lambda *a, **k: print('shown by hand', a[0]); warnings.warn('replaced')",
    "logging.captureWarnings(True); warnings.warn('captured')",
    "logging.captureWarnings(False)",
    "with warnings.catch_warnings(record=True) as found: warnings.warn('caught')\nlen(found)",
    "warnings.simplefilter('ignore'); warnings.warn('unheard')",
    "'\\d'",
    "1 is 1",
    "assert (1, 'x')",
    "import pandas as pd\nwarnings.simplefilter('always'); pd.DataFrame({'a': [1]}).apply(lambda c: warnings.warn('within pandas'));",
]
CONTEXTS = [
    "import decimal, contextvars\nimport numpy as np\nown = contextvars.ContextVar('own', default=0)\ndecimal.getcontext().prec = 5; np.set_printoptions(precision=2); np.seterr(all='ignore'); own.set(3); own.get()",
    "decimal.getcontext().prec, np.array([1.23456]), np.geterr(), own.get()",
    "import asyncio\nawait asyncio.sleep(0)\ndecimal.getcontext().prec = 7; own.set(8); decimal.getcontext().prec",
    "decimal.getcontext().prec, own.get()",
    "async def see(): return own.get()\nawait see(), await asyncio.create_task(see())",
    "import threading\nseen = []\nt = threading.Thread(target=lambda: seen.append(own.get())); t.start(); t.join(); seen",
]
PYTHON = [
    "import inspect, pickle, dataclasses, typing\n@dataclasses.dataclass\nclass Point:\n    x: int\n    y: 'int' = 2\npickle.loads(pickle.dumps(Point(1))), Point.__module__",
    "print(inspect.getsource(Point))",
    "def f():\n    'says\\n\\n    >>> 1 + 1\\n    2\\n    '\n    return 1\nimport doctest\ndoctest.run_docstring_examples(f, globals())",
    "typing.get_type_hints(Point)",
    "__annotations__ if '__annotations__' in globals() else None",
    "%%writefile awkward_helper.py\nprint('imported')\nVALUE = 1",
    "import awkward_helper; awkward_helper.VALUE, awkward_helper.__file__[-18:]",
    "import importlib; importlib.reload(awkward_helper).VALUE",
    "import os; os.remove('awkward_helper.py')",
    "from __future__ import annotations\ndef g(x: undefined): ...",
    "def h(x: undefined): ...\nh.__annotations__",
    "globals()['made'] = 5; made",
    "del made; 'made' in globals()",
    "_ = 'own'; 5",
    "_",
    "[n for n in range(3)]; n = 3; [n * k for k in range(2)]",
    "import gc, weakref\nclass D:\n    def __del__(self): print('deleted')\nd = D(); del d",
    "d = D(); d.d = d; del d; gc.collect(); None",
    "import atexit\natexit.register(print, 'at the end'); None",
    "class Meta(type): pass\nclass K(metaclass=Meta): pass\nK, K(), Meta",
    "lambda: 0",
    "print(f.__code__.co_filename[-3:], f.__module__, __name__)",
    "import sys\nsys.displayhook(3); sys.stdout.flush()",
    "exec('print(len(globals()) > 5)'); eval('1 + 1')",
    "match [1, 2]:\n    case [a, b]: print(a, b)",
    "x: int = 5\nx",
    "walrus if (walrus := 3) else 0",
    "sys.setrecursionlimit(5000); sys.getrecursionlimit()",
    "import time; time.sleep(0)",
    "import linecache; len(linecache.getlines(f.__code__.co_filename)) > 0",
]
COUNTS = [
    "",
    "# only a comment",
    "1",
    "   \n",
    "2",
    "get_ipython().run_cell('print(\"nested\"); 3')",
    "get_ipython().run_cell('4', store_history=True); 5",
    "6",
    "%%capture\n7",
    "_, __, ___",
    "In[-1], len(In), get_ipython().execution_count",
    RAISES + "1 / 0",
    "8",
    "def f(): pass",
    "9;",
    "_",
    "Out",
    "RAW",
    "10",
    "# tags: skip-execution\nprint('skipped')",
    "MARKDOWN",
    "get_ipython().set_next_input('x'); 11",
    RAISES + "x = = 1",
    "12",
]
MEDDLES = [
    "import sys, io, builtins\nkept = sys.stdout\nsys.stdout = io.StringIO(); print('into my own')",
    "print('still'); 5",
    "held = sys.stdout; sys.stdout = kept; held.getvalue()",
    "old = builtins.print\nbuiltins.print = lambda *a, **k: old('!', *a, **k)\nprint('x')",
    "print('y')",
    "builtins.print = old; print('z')",
    "ip = get_ipython()\nip.events.register('post_run_cell', lambda r: print('after', r.execution_count))",
    "1",
    "ip.events.callbacks['post_run_cell'].pop(); None",
    "ip.set_custom_exc((KeyError,), lambda self, t, v, tb, tb_offset=None: print('my way', v))",
    RAISES + "{}['k']",
    RAISES + "1/0",
    "ip.input_transformers_post.append(lambda lines: [l.replace('twelve', '12') for l in lines])",
    "twelve",
    "ip.ast_transformers",
    "sys.stderr = sys.stdout; print('both', file=sys.stderr)",
    "print('again', file=sys.stderr); sys.stdout.flush()",
    "import os\nos.chdir('/'); os.getcwd()",
    "os.getcwd()",
    "ip.user_ns['pushed'] = 1; ip.push({'more': 2}); pushed + more",
    "ip.ex('q = 3'); ip.ev('q + 1')",
    "ip.display_pub.publish({'text/plain': 'by hand'})",
    "ip.display_pub.clear_output(); print('x')",
    "sys.displayhook = lambda v: old('hooked', v)\n5",
    "6",
    "ip.autocall, ip.automagic",
    "import tqdm\nfor _n in tqdm.tqdm(range(3), bar_format='{n_fmt}/{total_fmt}', mininterval=0, miniters=1): pass",
    "import os\nsys.settrace(None); del sys.ps1; os.environ.clear(); 'bare'",
    "print('to the last')",
]
TRACEBACKS = [
    RAISES
    + "class Own(Exception): pass\ndef first(): raise KeyError('first')\ndef second():\n    try: first()\n    except KeyError as problem: raise Own('second') from problem\n"
    "def third():\n    try: second()\n    except Own: raise RuntimeError('third')\nthird()",
    RAISES + "try: first()\nexcept KeyError: raise ValueError('alone') from None",
    RAISES
    + "def several():\n    found = []\n    for n in (0, 'x'):\n        try: 1 / n\n        except Exception as problem: found.append(problem)\n"
    "    raise ExceptionGroup('outer', [*found, ExceptionGroup('inner', [Own('deep')])])\nseveral()",
    "try: several()\nexcept* TypeError as group: print(group.exceptions)\nexcept* (ZeroDivisionError, Own) as group: print(len(group.exceptions))",
    RAISES + "try: several()\nexcept* TypeError: pass",
    RAISES
    + "import contextlib\n@contextlib.contextmanager\ndef held():\n    try: yield\n    finally: raise OSError('while it ends')\nwith held(): 1 / 0",
    RAISES
    + "def numbers():\n    yield 1\n    raise ValueError('within a generator')\n[n for n in numbers()]",
    RAISES
    + "import functools\ndef wrapped(f):\n    @functools.wraps(f)\n    def inner(*a): return f(*a)\n    return inner\n@wrapped\ndef decorated(x):\n    return (x\n            + None)\ndecorated(1)",
    RAISES + "class Body:\n    x = 1\n    y = x / 0",
    RAISES
    + "class Kept:\n    def __set_name__(self, owner, name): raise TypeError('no name')\nclass Holder:\n    kept = Kept()",
    RAISES + "def deep(n):\n    return deep(n - 1) if n else 1 / 0\ndeep(4)",
    RAISES + "(lambda: [x for x in [0] if {x: 1}[1]])()",
    RAISES + "sorted([3, 'x', None])",
    RAISES + "f'{undefined!r:>10}'",
    RAISES + "import re\nre.compile('(')",
    RAISES + "def typo(): retrun 1",
    RAISES + "x = [1,\n     2\ny = 3",
    RAISES + "print('unfinished",
    RAISES + "async def f(): pass\nfor n in f(): pass",
    "import sys, traceback\ntry: third()\nexcept RuntimeError as problem: print(traceback.format_exception_only(problem), len(traceback.extract_tb(problem.__traceback__)))",
    "try: third()\nexcept RuntimeError: sys.stderr.write(traceback.format_exc())",
]
SHOWN = [
    "(n for n in range(3)), iter([1]), map(str, [1]), zip([1])",
    "import collections, dataclasses, enum, datetime, decimal, fractions, pathlib, re, types\n"
    "collections.Counter('abca'), collections.deque([1], 3), collections.defaultdict(list, a=[1]), collections.OrderedDict(a=1)",
    "@dataclasses.dataclass\nclass Point:\n    x: int = 1\nclass Colour(enum.Enum):\n    RED = 1\nNamed = collections.namedtuple('Named', 'a b')\nPoint(), Colour.RED, Colour, Named(1, 2)",
    "datetime.date(2026, 1, 2), decimal.Decimal('1.10'), fractions.Fraction(1, 3), pathlib.PurePosixPath('a/b'), re.match('a', 'a'), types.SimpleNamespace(a=1), 1 + 2j",
    "class NoBundle:\n    def _repr_mimebundle_(self, include=None, exclude=None): raise ValueError('no bundle')\n    def __repr__(self): return 'plain'\nNoBundle()",
    "class Wrong:\n    def _repr_html_(self): return 5\n    def _repr_png_(self): return 'text'\n    def __repr__(self): return 'wrong'\nWrong()",
    RAISES + "class NoShow:\n    def _ipython_display_(self): raise OSError('not shown')\nNoShow()",
    RAISES + "class Five:\n    def __repr__(self): return 5\nFive()",
    "class Pretty:\n    def _repr_pretty_(self, p, cycle):\n        with p.group(2, 'Pretty(', ')'):\n            p.breakable(''); p.pretty([1] * 60)\n[Pretty()]",
    "loop = [1]; loop.append(loop); circle = {}; circle['self'] = circle; loop, circle",
    "from IPython.display import display, HTML, JSON, Math, IFrame, Pretty as Text\n"
    "display(HTML('<b>é</b>'), metadata={'text/html': {'isolated': True}}); display(JSON([1, {'a': None}], expanded=True)); display(Math('x^2'), Text('as it is'))",
    "IFrame('nowhere.html', 10, 20)",
    "display(1, 2, include=['text/plain'], exclude=['text/html']); display(HTML('x'), exclude=['text/plain'])",
    "import pandas as pd, numpy as np\nframe = pd.DataFrame(np.arange(3000).reshape(100, 30) / 7); frame",
    "pd.set_option('display.max_rows', 6, 'display.max_columns', 4, 'display.precision', 2); frame",
    "with pd.option_context('display.float_format', '{:.1f}!'.format, 'display.show_dimensions', False): display(frame.head(2)); print(frame.head(2))",
    "pd.options.display.notebook_repr_html = False\nframe",
    "pd.reset_option('display'); frame.head(2).style.format('{:.1f}').highlight_max(axis=0).set_caption('é').hide(axis='index')",
    "frame.info(); frame.iloc[:, :2].describe()",
    "pd.DataFrame({'a': pd.Categorical(['x', 'y']), 'when': pd.to_datetime(['2026-01-02', None]), 'span': pd.interval_range(0, 2), 'words': ['<b>', 'ß' * 80]}, index=pd.MultiIndex.from_tuples([(1, 'a'), (1, 'b')], names=['n', None]))",
    "frame.groupby(0).ngroups, frame[0].rolling(2), pd.NA, pd.NaT, pd.Timestamp('2026-01-02'), pd.Index([1]), pd.Series(dtype='str')",
    "np.zeros(2, [('a', int), ('b', 'U3')]), np.float64(1.5), np.array(['x'], dtype=object), np.ma.array([1, 2], mask=[0, 1])",
]
CAPTURED = [
    "%%time\nprint('timed'); 5",
    "%time 6",
    "%%timeit -n1 -r1\npass",
    RAISES + "%%time\n1 / 0",
    "%%capture held --no-stderr\nimport sys\nprint('out'); print('err', file=sys.stderr); display('shown')",
    "held.stdout, held.stderr, len(held.outputs)",
    "held()",
    RAISES + "%%capture failing\nprint('before'); 1 / 0",
    RAISES + "failing.stdout",
    "from IPython.utils.capture import capture_output\nwith capture_output() as inside:\n    print('x'); display({'text/plain': 'raw'}, raw=True)\n    with capture_output(display=False) as within: display('passes'); print('y')\ninside.stdout, within.stdout, inside.outputs",
    "inside.show()",
    "import io, contextlib\nwith contextlib.redirect_stderr(io.StringIO()) as errors, contextlib.redirect_stdout(sys.stderr): print('to stderr')\nerrors.getvalue()",
    "%%capture\n%%time\nprint('nested')",
    "x = !echo held; echo twice\nx.s, x.n, x.grep('twice')",
    "get_ipython().run_line_magic('pwd', '') == __import__('os').getcwd(), get_ipython().run_cell_magic('capture', 'again', 'print(9)')",
    "again.stdout",
]
GOES = [
    "import gc, logging, sys, weakref\nclass Says:\n    def __init__(self, name): self.name = name\n    def __del__(self): print('goes:', self.name)\nSays('at once'); None",
    "kept = Says('replaced'); kept = Says('later')",
    "del kept; print('after')",
    "circle = Says('in a circle'); circle.own = circle; del circle; print(gc.collect() > 0)",
    "class Fails:\n    def __del__(self): raise ValueError('as it goes')\nFails(); None",
    "held = Says('with an end'); weakref.finalize(held, print, 'finalised'); del held",
    "def steps():\n    try: yield 1\n    finally: print('closed')\nn = steps(); print(next(n))",
    "del n",
    "logging.getLogger('own').warning('by the last resort')",
    "handler = logging.StreamHandler(sys.stdout); handler.setFormatter(logging.Formatter('%(levelname)s %(name)s %(message)s'))\nlog = logging.getLogger('own'); log.addHandler(handler); log.setLevel('DEBUG'); log.propagate = False; log.debug('heard %s', 1)",
    "try: 1 / 0\nexcept ZeroDivisionError: log.exception('with its traceback')",
    "import logging.config\nlogging.config.dictConfig({'version': 1, 'disable_existing_loggers': True, 'handlers': {'h': {'class': 'logging.StreamHandler'}}, 'root': {'handlers': ['h'], 'level': 'INFO'}})\nlog.error('disabled'); logging.getLogger('new').info('to stderr')",
    "import warnings\ndef warn(): warnings.warn('once a place')\nfor _n in range(2): warn()\nwarn()",
    "warn(); warnings.simplefilter('once'); warn(); warn()",
    "warnings.resetwarnings(); f = open('/dev/null'); del f",
    "sys.unraisablehook = lambda info: print('hooked', info.exc_value)\nFails(); None",
    "last = Says('with the notebook'); print('the end')",
]
IMPORTED = [
    "import os\nos.makedirs('awkward_package/inner', exist_ok=True)\n"
    "for name, text in {'__init__': 'from .part import VALUE', 'part': 'VALUE = 1\\nclass Thing: pass', 'inner/__init__': '', 'bad': 'x = = 1', 'loud': 'print(\"loud\")\\nimport warnings; warnings.warn(\"by a module\")',\n"
    "             'fails': 'def f():\\n    return 1 / 0\\nf()', 'left': 'from . import right\\nX = 1', 'right': 'from .left import X', 'child': 'def f(n):\\n    return n * 2'}.items():\n"
    "    with open(f'awkward_package/{name}.py', 'w') as file: _ = file.write(text)",
    "import awkward_package\nawkward_package.VALUE, awkward_package.__name__, type(awkward_package.part.Thing())",
    RAISES + "import awkward_package.bad",
    "import awkward_package.loud",
    "import awkward_package.loud",
    RAISES + "import awkward_package.fails",
    RAISES + "import awkward_package.left",
    RAISES + "from awkward_package import nothing_there",
    "import runpy, sys\nsorted(k for k in runpy.run_path('awkward_package/part.py') if not k.startswith('_'))",
    "%run awkward_package/loud.py",
    RAISES + "%run awkward_package/fails.py",
    "import multiprocessing\nfrom awkward_package.child import f\ncontext = multiprocessing.get_context('spawn')\none = context.Process(target=f, args=[1]); one.start(); one.join(); one.exitcode",
    "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(1, mp_context=context) as pool: print(list(pool.map(f, [2, 3])))",
    "import pickle\npickle.loads(pickle.dumps(f)) is f, len(pickle.dumps(awkward_package.part.Thing())) > 5",
    "import __main__\n__main__.__dict__ is globals(), f.__module__, __main__.__name__",
    "%run -m awkward_package.part\nVALUE",
    "import colorsys\ncolorsys.ONE_THIRD = 5; colorsys.ONE_THIRD",
    "import shutil; shutil.rmtree('awkward_package')",
]

SAME = {
    name.lower(): cells
    for name, cells in list(globals().items())
    if name.isupper() and isinstance(cells, list)
}
# What needs a kernel: known before anything runs, or found by a cell.
HANDED_OVER = {
    "%%bash": ["print('x')", "%%bash\necho from bash"],
    "%matplotlib widget": ["%matplotlib widget"],
    "widgets (ipywidgets)": ["import ipywidgets"],
    "%debug": ["x = 1\n%debug"],
    "%autoawait trio": ["%autoawait trio"],
    "%pip": ["%pip --version"],
    "the end of its kernel (exit, quit)": ["exit()"],
    "the end of its process (os._exit)": ["import os\nif False: os._exit(1)"],
    "a debugger (breakpoint)": ["def f(): breakpoint()"],
    "the alarm clock (signal.alarm)": ["import signal\nsignal.alarm(0)"],
}
FOUND = {
    "get_ipython().kernel.session": [
        "print('once')",
        "type(get_ipython().kernel.session).__name__",
    ],
    "a widget (a comm was opened)": [
        "print('x')",
        "import comm\nc = comm.create_comm(target_name='t'); c.close(); 'shown'",
    ],
    "get_ipython().kernel.io_loop": [
        "try: 1\nfinally: f = get_ipython().user_ns['exit']",
        "if True:\n    try: f()\n    except BaseException: pass",
    ],
}


def notebook(sources: list[str]) -> Any:
    """Return a notebook of cells; every cell has an id that says its place."""
    made = []
    for at, source in enumerate(sources):
        tags = re.match(r"# tags: (.*)\n", source)
        text = source[tags.end() :] if tags else source
        kind = new_markdown_cell if text in {"RAW", "MARKDOWN"} else new_code_cell
        cell = kind(text, id=f"cell-{at}")
        if tags:
            cell.metadata["tags"] = tags[1].split(", ")
        made.append(cell)
    return new_notebook(cells=made, metadata={"kernelspec": KERNEL})


# What differs from run to run of one and the same kernel.
CHANCE = (
    (r"(0x|object at )[0-9a-f]{8,}", r"\1"),
    (r"<dc:date>[^<]*", "<dc:date>"),
    (r"/tmp/ipykernel_\d+/\d+\.py", "cell.py"),
    (r"ipykernel_\d+", "ipykernel_"),
    (r"T_[0-9a-f]{5}", "T_"),
    (r"(?m)^(CPU times|Wall time):.*", r"\1"),
    (r"(?m)^.* per loop .*", "per loop"),
)


def plain(value: Any) -> Any:
    """Return an output, or any part of it, without what differs from run to run."""
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    if isinstance(value, str) and re.match(r"\x1b\[36mFile", value):
        # Which call of a line is coloured is found from its bytecode, which Python rewrites once a function was used often.
        value = re.sub(r"\x1b\[[\d;]*m", "", value)
    if isinstance(value, str) and len(value) < 200_000:
        for pattern, instead in CHANCE:
            value = re.sub(pattern, instead, value)
    return value


def joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return outputs with the pieces of a stream joined: when a kernel sends them on is a matter of chance."""
    made: list[dict[str, Any]] = []
    for output in outputs:
        if made and made[-1].get("name", 1) == output.get("name", 2):
            made[-1]["text"] += output["text"]
        else:
            made.append(dict(output))
    return made


def shown(executed: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return what a reader sees of each cell."""
    return [
        {
            "source": cell.source,
            "count": cell.get("execution_count"),
            "status": (
                cell.metadata.get("papermill", {}).get("status"),
                cell.metadata.get("papermill", {}).get("exception"),
            ),
            "outputs": plain(joined(cell.get("outputs", []))),
        }
        for cell in executed.cells
    ]
