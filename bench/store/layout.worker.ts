import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../../src/platform/sqlite/database.ts'
import type { Layout } from './layouts.ts'

/** The candidates of the first decision record, each as small as it can be: group commit, three places for bodies. */
const { folder, pageSize, bodies, windowMs }: Layout & { folder: string } = workerData
const port = parentPort
if (!port) throw new Error('layout.worker.ts runs as a worker')

const db = openDatabase(join(folder, 'layout.db'), 'write')
db.pragma(`page_size = ${pageSize}`)
db.pragma('auto_vacuum = INCREMENTAL')
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.pragma('wal_autocheckpoint = 4000')
db.exec(`
  CREATE TABLE body (id INTEGER PRIMARY KEY, bytes BLOB, at INTEGER);
  CREATE TABLE email (id INTEGER PRIMARY KEY, envelope TEXT, structure TEXT);
  CREATE TABLE placement (mailbox INTEGER, uid INTEGER, email INTEGER, flags INTEGER, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
`)
const begin = db.prepare('BEGIN IMMEDIATE')
const commit = db.prepare('COMMIT')
const insertBody = db.prepare('INSERT INTO body VALUES (?, ?, ?)')
const insertEmail = db.prepare('INSERT INTO email VALUES (?, ?, ?)')
const insertPlacement = db.prepare('INSERT INTO placement VALUES (?, ?, ?, 0)')
const log = bodies === 'log' ? openSync(join(folder, 'bodies.log'), 'a') : -1
const directory = openSync(folder, 'r')
const envelope = `(${'"envelope of about three hundred and forty octets" '.repeat(7)})`
const structure = '("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 4000 80 NIL NIL NIL NIL)'
let nextId = 1
let logEnd = 0

port.on('message', (first: Uint8Array) => {
  let group = [first]
  while (group.length > 0) {
    if (windowMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, windowMs)
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
      group.push(next.message)
    write(group)
    port.postMessage(group.length)
    group = []
    const next = receiveMessageOnPort(port)
    if (next) group.push(next.message)
  }
})

function write(group: readonly Uint8Array[]): void {
  const places = group.map((bytes) => outside(bytes))
  if (bodies === 'log') fdatasyncSync(log)
  if (bodies === 'file') fsyncSync(directory)
  begin.run()
  for (const [index, bytes] of group.entries()) {
    const id = nextId++
    insertBody.run(id, bodies === 'sqlite' ? bytes : null, places[index])
    insertEmail.run(id, envelope, structure)
    insertPlacement.run(id % 50, id, id)
  }
  commit.run()
}

function outside(bytes: Uint8Array): number {
  if (bodies === 'log') {
    writeSync(log, bytes)
    logEnd += bytes.length
    return logEnd - bytes.length
  }
  if (bodies === 'file') {
    const path = join(folder, `body-${nextId}-${logEnd++}`)
    const handle = openSync(`${path}.new`, 'w')
    writeSync(handle, bytes)
    fdatasyncSync(handle)
    closeSync(handle)
    renameSync(`${path}.new`, path)
  }
  return 0
}
