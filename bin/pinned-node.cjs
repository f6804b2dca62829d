// First file of every start: plain CommonJS without imports, so that any Node can read it.
// The native packages need Node-API 10; on an older Node they crash instead of failing.
'use strict'
const { spawn } = require('node:child_process')
const { existsSync } = require('node:fs')
const { join } = require('node:path')

// Read once, when the first file is opened: password hashing and file reads share these threads.
process.env.UV_THREADPOOL_SIZE = String(Math.max(8, Number(process.env.UV_THREADPOOL_SIZE) || 0))

// Read by the C library when a process starts. Without it glibc keeps the 19 MiB of each password hash for each thread that
// ever made one: 150 MiB after a few sign-ins. With a fixed threshold such pieces go back to the system at once.
const mallocSetting = 'MALLOC_MMAP_THRESHOLD_'
const isSetBefore = mallocSetting in process.env
process.env[mallocSetting] ??= String(4 * 1024 * 1024)

// Node gives each generation of young objects up to 32 MiB and never takes it back: 290 MiB after 20,000 messages, 200 with
// this, and a large message costs a fifth of the CPU less. In MiB.
const youngObjects = '--max-semi-space-size=8'

const root = join(__dirname, '..')
const passedOn = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']

/** Loads `entry` here where this Node is new enough, else runs it on the Node the lockfile pins. */
function runOnPinnedNode(entry, args) {
  if (Number(process.versions.napi) >= 10) {
    // The same process starts again, now with the setting: no child, same number, same signals.
    if (!isSetBefore && process.execve) {
      process.execve(
        process.execPath,
        [process.execPath, youngObjects, ...process.execArgv, ...process.argv.slice(1)],
        process.env,
      )
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
