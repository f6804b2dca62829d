#!/usr/bin/env node
// with-pinned-node SCRIPT|vitest [ARG ...]: runs a script of this repository, or vitest, on the pinned Node.
'use strict'
const { join } = require('node:path')
const { root, runOnPinnedNode } = require('./pinned-node.cjs')

// Worker threads of tests find what Node made of our TypeScript. Its compiler is WebAssembly, and a process that starts it in
// hundreds of threads is ended by V8 now and then ("Check failed: jit_page.has_value()", Node 24).
process.env.NODE_COMPILE_CACHE ||= join(root, 'node_modules', '.cache', 'homepost')

const [target, ...args] = process.argv.slice(2)
const entry = target === 'vitest' ? join(root, 'node_modules', 'vitest', 'vitest.mjs') : join(root, target)
void runOnPinnedNode(entry, args)
