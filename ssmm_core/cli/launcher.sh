#!/bin/sh
# ssmm. A shell starts Python, so that the caller's surroundings neither change what ssmm imports nor are lost to what it becomes:
#   -I  no PYTHON* variable, no working directory and no user's site-packages on the way of an import
#   Python ignores SIGPIPE and SIGXFSZ from its first moment: which signals were ignored before is noted here.
#   A shell drops variables that it could not name itself (BASH_FUNC_x%%) and sets PWD: the environment as it was is noted too.
# Nobody's variables are called as these here are: what a shell is given under a name, it hands on with what it holds in the end.
{ set +x; } 2>/dev/null # whoever traces all shells (SHELLOPTS) would see the environment in a log

_ssmm_ignored=0 _ssmm_environment=
_ssmm_note() {
    [ $# -gt 30 ] && shift 30 && _ssmm_ignored=$1 # field 33 of proc_pid_stat(5): a sum, 4096 for SIGPIPE
}
# Opened by this very process: a number such as $$ may be another's in the /proc of a container.
{ read -r _ssmm_stat </proc/self/stat && _ssmm_note ${_ssmm_stat##*) }; } 2>/dev/null
{ { _ssmm_environment=$(command -p base64 -w0); } </proc/self/environ; } 2>/dev/null
[ "${#_ssmm_environment}" -lt 120000 ] || _ssmm_environment= # the kernel takes no longer variable

_ssmm_file=$0
[ -h "$_ssmm_file" ] && _ssmm_file=$(command -p readlink -f -- "$_ssmm_file") # pipx and uv link to it
case $_ssmm_file in */*) ;; *) _ssmm_file=./$_ssmm_file ;; esac
_ssmm_bin=${_ssmm_file%/*}
_ssmm_python=$_ssmm_bin/python3 _ssmm_isolated=-I
if [ ! -f "$_ssmm_bin/../pyvenv.cfg" ]; then
    # No virtual environment: the installer wrote its interpreter into the script beside this one, on the second line where it is long.
    { read -r _ssmm_python && { [ "$_ssmm_python" != '#!/bin/sh' ] || read -r _ssmm_python; }; } <"$_ssmm_bin/ssmm-tui" || exit 127
    _ssmm_python=${_ssmm_python#'#!'} _ssmm_python=${_ssmm_python#"'''exec' "} _ssmm_python=${_ssmm_python%' "$0" "$@"'}
    _ssmm_python=${_ssmm_python%% -*} _ssmm_python=${_ssmm_python#\"} _ssmm_python=${_ssmm_python%\"}
    case $_ssmm_bin in */.local/bin) _ssmm_isolated=-EP ;; esac # pip install --user: -I would hide it
fi
export SSMM_LAUNCH="$_ssmm_ignored $_ssmm_environment $0"
exec "$_ssmm_python" $_ssmm_isolated -c 'from ssmm_core.cli.main import run; run()' "$@"
