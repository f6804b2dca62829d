#!/usr/bin/env node
// with-pinned-node SCRIPT|vitest [ARG ...]: runs a script of this repository, or vitest, on the pinned Node.
'use strict'
const { join } = require('node:path')
const { root, runOnPinnedNode } = require('./pinned-node.cjs')

const [target, ...args] = process.argv.slice(2)
const entry = target === 'vitest' ? join(root, 'node_modules', 'vitest', 'vitest.mjs') : join(root, target)
void runOnPinnedNode(entry, args)
