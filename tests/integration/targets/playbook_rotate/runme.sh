#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

set -eu

# The folder is a package, which is found from the one above.
cd ..
exec python -m playbook_rotate
