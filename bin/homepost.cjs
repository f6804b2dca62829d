#!/usr/bin/env node
'use strict'
const { join } = require('node:path')
const { root, runOnPinnedNode } = require('./pinned-node.cjs')

runOnPinnedNode(join(root, 'src', 'main.ts'), process.argv.slice(2))
