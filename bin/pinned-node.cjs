// First file of every start: plain CommonJS without imports, so that any Node can read it.
// The native packages need Node-API 10; on an older Node they crash instead of failing.
'use strict'
const { spawn } = require('node:child_process')
const { existsSync } = require('node:fs')
const { join } = require('node:path')

// Read once, when the first file is opened: password hashing and file reads share these threads.
process.env.UV_THREADPOOL_SIZE = String(Math.max(8, Number(process.env.UV_THREADPOOL_SIZE) || 0))

// Read by the C library when a process starts. What is larger goes back to the system as soon as it is freed; of the rest glibc
// keeps all that lies below something small that is still used: 30 MiB of what V8's compilers worked with, and the 19 MiB of each
// password hash for each thread that ever made one. The compilers take 32 KiB at a time.
const mallocSetting = 'MALLOC_MMAP_THRESHOLD_'
const isSetBefore = mallocSetting in process.env
process.env[mallocSetting] ??= String(32 * 1024)

// Node gives each generation of young objects up to 32 MiB and never takes it back: 290 MiB after 20,000 messages, 200 with
// this, and a large message costs a fifth of the CPU less. In MiB.
const youngObjects = '--max-semi-space-size=8'
const isYoungSet = process.execArgv.some((arg) => arg.startsWith('--max-semi-space-size='))

const root = join(__dirname, '..')
const passedOn = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']

/** Loads `entry` here where this Node is new enough, else runs it on the Node the lockfile pins. */
function runOnPinnedNode(entry, args) {
  if (Number(process.versions.napi) >= 10) {
    // The same process starts again, now with both settings: no child, same number, same signals.
    if (!(isSetBefore && isYoungSet) && process.execve) {
      const flags = isYoungSet ? process.execArgv : [youngObjects, ...process.execArgv]
      process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], process.env)
    }
    process.argv = [process.argv[0], entry, ...args]
    return import(require('node:url').pathToFileURL(entry).href)
  }
  const pinned = join(root, 'node_modules', '.bin', 'node')
  if (!existsSync(pinned)) {
    process.stderr.write(
      `Homepost needs Node 24, and this is ${process.version}. Run "npm ci" here: it brings the right one.\n`,
    )
    process.exit(78)
  }
  // spawn and not spawnSync: a stopped parent must stop its child, and only a running one can pass signals on.
  const child = spawn(pinned, [youngObjects, entry, ...args], { stdio: 'inherit' })
  for (const signal of passedOn) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    for (const name of passedOn) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

module.exports = { root, runOnPinnedNode }
