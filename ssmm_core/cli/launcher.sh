#!/bin/sh
# ssmm. A shell starts Python, so that the caller's surroundings neither change what ssmm imports nor are lost to what it becomes:
#   -I  no PYTHON* variable, no working directory and no user's site-packages on the way of an import
#   Python ignores SIGPIPE and SIGXFSZ from its first moment: which signals were ignored before is noted here.
#   A shell drops variables that it could not name itself (BASH_FUNC_x%%) and sets PWD: the environment as it was is noted too.

{ set +x; } 2>/dev/null # whoever traces all shells (SHELLOPTS) would see the environment in a log

noted() {
    shift 30
    ignored=$1 # field 33 of proc_pid_stat(5): a sum, 4096 for SIGPIPE
}
{ read -r stat </proc/self/stat && noted ${stat##*) }; } 2>/dev/null
environment=$(command -p base64 -w0 "/proc/$$/environ" 2>/dev/null)
[ "${#environment}" -lt 120000 ] || environment= # the kernel takes no longer variable

file=$0
[ -h "$file" ] && file=$(command -p readlink -f -- "$file") # pipx and uv link to it
bin=${file%/*}
python=$bin/python3 isolated=-I
if [ ! -f "$bin/../pyvenv.cfg" ]; then
    # No virtual environment: the installer wrote its interpreter into the script beside this one, on the second line where it is long.
    { read -r python && { [ "$python" != '#!/bin/sh' ] || read -r python; }; } <"$bin/ssmm-tui" || exit 127
    python=${python#'#!'} python=${python#"'''exec' "} python=${python%' "$0" "$@"'} python=${python%% -*}
    python=${python#\"} python=${python%\"}
    [ "$bin" = "$HOME/.local/bin" ] && isolated=-EP # pip install --user: -I would hide it
fi
export SSMM_LAUNCH="${ignored:-0} $environment $0"
exec "$python" $isolated -c 'import sys; from ssmm_core.cli.main import main; sys.exit(main())' "$@"
