#!/bin/sh
# Installs requirements.txt with torch and torchvision of the build that is asked for; auto is cpu on
# a Linux without an NVIDIA card, where PyTorch's index can be reached, and else pypi.
# usage: PIP=pip install.sh auto|cpu|cu130|...|pypi [INDEX]
set -eu

build=$1
index=${2:-https://download.pytorch.org/whl}
pip="${PIP:-pip} install --disable-pip-version-check"

answers() {
  python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=5)' "$1" 2>/dev/null
}

if [ "$build" = auto ]; then
  build=pypi
  if [ "$(uname -s)" = Linux ] && ! [ -e /proc/driver/nvidia ]; then
    if answers "$index/cpu/torch/"; then
      build=cpu
    else
      echo "PyTorch's own index cannot be reached: the build of PyPI comes with 4 GB of CUDA."
    fi
  fi
fi
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
${PIP:-pip} check
