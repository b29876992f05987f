#!/bin/sh
# Installs citylake from the folder that this file lies in. It asks no network.
# Every version has a folder of its own below TO/versions; TO/current is a link to the one in use.
set -eu
umask 022
unset PYTHONPATH PYTHONHOME
for name in $(env | sed -n 's/^\(PIP_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done

case "${CITYLAKE_LANG:-${LC_ALL:-${LANG:-}}}" in zh* | ZH*) zh=1 ;; *) zh= ;; esac
say() { if [ -n "$zh" ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi; }
stop() {
	say "$1" "$2" >&2
	exit 1
}
usage() {
	say '用法：sh install.sh [--to 目录] [--python 解释器] [--back]' 'Usage: sh install.sh [--to FOLDER] [--python PYTHON] [--back]'
	say '  --to      安装到哪里（root 默认 /opt/citylake，否则 $HOME/citylake）' '  --to      where to install (default: /opt/citylake for root, else $HOME/citylake)'
	say '  --python  用哪个 Python' '  --python  which Python to use'
	say '  --back    换回上一个版本' '  --back    return to the previous version'
}

here=$(cd "$(dirname "$0")" && pwd -P)
if [ "$(id -u)" = 0 ]; then to=/opt/citylake; else to=$HOME/citylake; fi
python=${PYTHON:-}
back=
while [ $# -gt 0 ]; do
	case $1 in
	--to | --python)
		[ $# -ge 2 ] || stop "$1 之后缺少值。" "$1 needs a value."
		if [ "$1" = --to ]; then to=$2; else python=$2; fi
		shift
		;;
	--back) back=1 ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 1
		;;
	esac
	shift
done
case $to in /*) ;; *) to=$(pwd -P)/$to ;; esac

# A link is made beside its place and then renamed, so that there is one at every moment. mv would move it into the folder.
link() {
	rm -f "$2.new"
	ln -s "$1" "$2.new"
	"$python" -c 'import os, sys; os.replace(sys.argv[1], sys.argv[2])' "$2.new" "$2"
}
use() {
	old=$(readlink "$to/current" 2>/dev/null || true)
	if [ -n "$old" ] && [ "$old" != "$1" ]; then link "$old" "$to/previous"; fi
	link "$1" "$to/current"
}

if [ -n "$back" ]; then
	before=$(readlink "$to/previous" 2>/dev/null || true)
	if [ -z "$before" ] || [ ! -x "$to/$before/bin/python" ]; then
		stop "$to 中没有上一个版本。" "There is no previous version in $to."
	fi
	python=$to/$before/bin/python
	use "$before"
	say "现在使用：$to/$before" "In use now: $to/$before"
	exit 0
fi

fact() { sed -n "s/^$1=//p" "$here/BUNDLE"; }
[ -f "$here/BUNDLE" ] && [ -f "$here/SHA256SUMS" ] || stop "$here 中没有完整的安装包。" "There is no complete bundle in $here."
wanted=$(fact PYTHON)

# Python first: the sums can be checked with it where there is no sha256sum.
fits() { "$1" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' "$wanted" 2>/dev/null; }
if [ -n "$python" ]; then
	fits "$python" || stop "$python 不是 Python $wanted：安装包只适用于这个版本。" "$python is not Python $wanted; the bundle is for that version only."
else
	for candidate in "python$wanted" python3 python; do
		if fits "$candidate"; then
			python=$candidate
			break
		fi
	done
	[ -n "$python" ] || stop "找不到 Python $wanted。请先安装，或用 --python 指出它在哪里；也可以用这台机器的 Python 重新制作安装包。" "No Python $wanted was found. Install it, or name it with --python; or make a bundle with the Python of this machine."
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
	stop "$python 没有 venv 模块（Debian 和 Ubuntu：离线安装 python$wanted-venv 软件包）。" "$python has no module venv (on Debian and Ubuntu: install the package python$wanted-venv)."
machine=$(uname -m)
[ "$machine" = "$(fact MACHINE)" ] || stop "安装包适用于 $(fact MACHINE)，而这台机器是 $machine。" "The bundle is for $(fact MACHINE), but this machine is $machine."
"$python" -c '
import platform, sys
name, have = platform.libc_ver()
number = lambda text: [int(part) for part in text.split(".")]
sys.exit(name != "glibc" or number(have) < number(sys.argv[1]))' "$(fact GLIBC)" ||
	stop "这台机器没有 glibc $(fact GLIBC) 或更新的版本。请用 --glibc 制作适用于旧系统的安装包。" "This machine does not have glibc $(fact GLIBC) or newer. Make a bundle for an older one with --glibc."

cd "$here"
"$python" -c '
import hashlib, sys
wrong = []
for line in open("SHA256SUMS", encoding="utf-8"):
    told, name = line.rstrip("\n").split("  ", 1)
    try:
        with open(name, "rb") as file:
            found = hashlib.sha256()
            for chunk in iter(lambda: file.read(1 << 20), b""):
                found.update(chunk)
        right = found.hexdigest() == told
    except OSError:
        right = False
    if not right:
        wrong.append(name)
print("\n".join(wrong))
sys.exit(bool(wrong))' >&2 || stop "上面的文件缺失或与 SHA256SUMS 不符：请重新传输安装包。" "The files above are missing or differ from SHA256SUMS: transfer the bundle again."

sum=$("$python" -c 'import hashlib; print(hashlib.sha256(open("SHA256SUMS", "rb").read()).hexdigest()[:8])')
name=versions/$(fact VERSION)-$(fact SET)-$sum
venv=$to/$name
if [ -f "$venv/.whole" ]; then
	say "$venv 已经安装。" "$venv is already installed."
else
	say "正在安装到 $venv …" "Installing into $venv …"
	rm -rf "$venv"
	mkdir -p "$to/versions"
	"$python" -m venv "$venv"
	# Nor may a setting of this machine send pip to an index.
	PIP_CONFIG_FILE=/dev/null "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-index \
		--find-links wheels --require-hashes --requirement requirements.txt ||
		stop "安装没有完成，正在使用的版本没有改变。" "The installation was not completed; the version in use has not changed."
	cp -R README.md README.zh-CN.md CHANGELOG.md LICENSE docs workspaces "$venv/" 2>/dev/null || true
	packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	ln -s "${packages#"$venv"/}/citylake/dags" "$venv/dags"
fi

"$venv/bin/python" -m pip check --disable-pip-version-check >/dev/null &&
	(cd / && "$venv/bin/citylake" --version &&
		CITYLAKE_WORKSPACE="${CITYLAKE_WORKSPACE:-$venv/workspaces/demo}" "$venv/bin/citylake" lint) ||
	stop "$venv 不能运行，正在使用的版本没有改变。" "$venv does not run; the version in use has not changed."
: >"$venv/.whole"
use "$name"
mkdir -p "$to/bin"
link ../current/bin/citylake "$to/bin/citylake"

say "完成。正在使用：$to/current" "Done. In use: $to/current"
say "  命令：    $to/bin/citylake" "  command:       $to/bin/citylake"
say "  文档：    $to/current/docs（先看 production.md）" "  documentation: $to/current/docs (start with production.md)"
say "  工作区：  CITYLAKE_WORKSPACE（新建：citylake init DIR）；数据湖：CITYLAKE_LAKE" "  workspace:     CITYLAKE_WORKSPACE (create one: citylake init DIR); lake: CITYLAKE_LAKE"
if [ -x "$venv/bin/airflow" ]; then
	say "  Airflow： AIRFLOW__CORE__DAGS_FOLDER=$to/current/dags $to/current/bin/airflow standalone" "  Airflow:       AIRFLOW__CORE__DAGS_FOLDER=$to/current/dags $to/current/bin/airflow standalone"
fi
say "  换回上一个版本：sh install.sh --to $to --back" "  previous version: sh install.sh --to $to --back"
