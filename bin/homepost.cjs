#!/usr/bin/env node
'use strict'
const { join } = require('node:path')
const { root, runOnPinnedNode } = require('./pinned-node.cjs')

// What Node made of our TypeScript is kept: from the second start on it loads no compiler, which saves 30 MiB and half the time.
// By the environment, so that worker threads see it too.
process.env.NODE_COMPILE_CACHE ||= join(root, 'node_modules', '.cache', 'homepost')
require('node:module').enableCompileCache?.(process.env.NODE_COMPILE_CACHE)

void runOnPinnedNode(join(root, 'src', 'main.ts'), process.argv.slice(2))
