#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

set -eu

ANSIBLE_ROLES_PATH=.. exec ansible-playbook -i localhost, --forks 6 at_once.yml
