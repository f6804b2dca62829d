import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlServer } from '../../../src/platform/sql-server/open.ts'
import type { SqlServer, SqlServerPlace } from '../../../src/platform/sql-server/server.ts'
import { requireDebian } from './debian.ts'

/** A database server of this machine, in a folder of its own, behind a Unix socket. */
export interface DatabaseServer {
  readonly name: string
  readonly place: SqlServerPlace
  start(): Promise<void>
  /** As the kernel does it when there is no memory left. */
  kill(): Promise<void>
  /** Stops it and removes its folder. */
  end(): Promise<void>
}

const database = 'mailu'
/** They refuse to run as root. */
const nobody = 65_534

interface Program {
  readonly name: string
  readonly packages: readonly string[]
  readonly place: Pick<SqlServerPlace, 'flavor' | 'host' | 'port' | 'user'>
  readonly prepare: () => void
  readonly command: readonly [string, ...string[]]
}

export function createMariadb(): DatabaseServer {
  const folder = newFolder('mariadb')
  const data = join(folder, 'data')
  const socket = join(folder, 'socket')
  const first = join(folder, 'first.sql')
  return serverOf(folder, {
    name: 'MariaDB',
    packages: ['mariadb-server-core'],
    place: { flavor: 'mysql', host: socket, port: undefined, user: 'mailu' },
    prepare: () => {
      mkdirSync(data)
      chownSync(data, nobody, nobody)
      writeFileSync(first, `CREATE DATABASE IF NOT EXISTS ${database};\n`)
    },
    command: [
      '/usr/sbin/mariadbd',
      '--no-defaults',
      '--skip-networking',
      '--skip-grant-tables',
      '--innodb-buffer-pool-size=16M',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--init-file=${first}`,
    ],
  })
}

export function createPostgresql(): DatabaseServer {
  const folder = newFolder('postgresql')
  const data = join(folder, 'data')
  const bin = () =>
    execFileSync('/bin/sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin | tail -1']).toString().trim()
  return serverOf(folder, {
    name: 'PostgreSQL',
    packages: ['postgresql'],
    place: { flavor: 'postgresql', host: folder, port: undefined, user: 'mailu' },
    prepare: () => {
      const as = { uid: nobody, gid: nobody, cwd: folder, stdio: 'ignore' as const }
      const options = ['--auth=trust', '--username=mailu', '--encoding=UTF8', '--no-locale', '--no-sync']
      execFileSync(`${bin()}/initdb`, [...options, `--pgdata=${data}`], as)
      const create = `CREATE DATABASE ${database};\n`
      execFileSync(`${bin()}/postgres`, ['--single', '-D', data, 'postgres'], {
        ...as,
        stdio: 'pipe',
        input: create,
      })
    },
    command: [
      '/bin/sh',
      '-c',
      `exec "$(ls -d /usr/lib/postgresql/*/bin | tail -1)/postgres" "$@"`,
      'sh',
      ...['-D', data, '-k', folder, '-c', 'listen_addresses='],
    ],
  })
}

function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `homepost-${name}-`))
  chownSync(folder, nobody, nobody)
  return folder
}

function serverOf(folder: string, { name, packages, place, prepare, command }: Program): DatabaseServer {
  let child: ChildProcess | undefined
  let isPrepared = false
  const whole: SqlServerPlace = { ...place, database, password: '', tls: 'none' }
  const stop = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child === undefined) return
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    child.kill(signal)
    await ended
    child = undefined
  }
  return {
    name,
    place: whole,
    async start() {
      await requireDebian(...packages)
      if (!isPrepared) prepare()
      isPrepared = true
      const [program, ...args] = command
      child = spawn(program, args, { uid: nobody, gid: nobody, cwd: folder, stdio: 'ignore' })
      await answers(whole)
    },
    kill: () => stop('SIGKILL'),
    async end() {
      await stop('SIGTERM')
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(place: SqlServerPlace): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    const server = await openSqlServer(place)
    try {
      const connection = await server.borrow()
      connection.giveBack()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    } finally {
      await server.end()
    }
  }
}

/** Empties it: what one test left is not there for the next. */
export async function emptied(place: SqlServerPlace): Promise<SqlServer> {
  const server = await openSqlServer(place)
  const connection = await server.borrow()
  const all =
    place.flavor === 'mysql'
      ? [
          'SET foreign_key_checks = 0',
          `DROP DATABASE ${database}`,
          `CREATE DATABASE ${database}`,
          `USE ${database}`,
          'SET foreign_key_checks = 1',
        ]
      : ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public']
  for (const statement of all) await connection.query(statement, [])
  connection.giveBack()
  return server
}
