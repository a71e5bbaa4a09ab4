#!/bin/sh
# Installs requirements.txt with torch and torchvision of the build that is asked for.
# usage: PIP=pip install.sh cpu|cu130|...|pypi [INDEX]
set -eu

build=$1
index=${2:-https://download.pytorch.org/whl}
pip="${PIP:-pip} install --no-cache-dir --disable-pip-version-check"

if [ "$build" = pypi ]; then
  $pip --requirement requirements.txt
  exit
fi
# What only PyPI's build of torch needs is left out; --no-deps keeps pip from bringing it back.
grep -Ev '^(torch|torchvision|triton|cuda-[a-z]+|nvidia-[a-z0-9-]+)==' requirements.txt >others.txt
$pip --no-deps --requirement others.txt
# Both from one place, or torchvision does not find the torch that it was built for.
sed -nE 's/^((torch|torchvision)==[^ ;]+).*/\1/p' requirements.txt >torch.txt
$pip --index-url "$index/$build" --requirement torch.txt
"${PIP:-pip}" check
