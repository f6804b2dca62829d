import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The repository's root: tests run from there. */
const root = process.cwd()
const command = join(root, 'bin', 'homepost.cjs')

/** Of every service, before PORT_OFFSET. */
export const standardPorts = {
  smtp: 25,
  submissions: 465,
  submission: 587,
  imap: 143,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  sieve: 4190,
  http: 80,
  https: 443,
  antispam: 11334,
  'attached-imap': 10143,
  'attached-submission': 10025,
  'attached-sieve': 14190,
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface TestServer {
  readonly dataDir: string
  readonly ports: Readonly<Record<keyof typeof standardPorts, number>>
  readonly process: ChildProcess
  /** Everything the server wrote so far. */
  readonly output: () => string
  /** Runs `homepost ARGS` on this data folder; `input` goes to its stdin. */
  readonly homepost: (args: readonly string[], input?: string) => Promise<Ran>
  /** Users of example.test, all with the password `pw`. */
  readonly addUsers: (...localParts: string[]) => Promise<void>
  /** SIGTERM, or SIGKILL; resolves with the exit code (null when killed). */
  readonly stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<number | null>
}

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Goes on in this folder (after a kill); otherwise a new one, removed by `stop`. */
  readonly dataDir?: string
  /** Runs in front of node, such as `strace -f …`. */
  readonly wrap?: readonly string[]
}

/** Starts the composed server as an administrator would, in a process of its own, on free loopback ports. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'homepost-'))
  const portOffset = Number(options.env?.['PORT_OFFSET'] ?? (await freePortOffset()))
  const env = {
    ...cleanEnvironment(),
    ...defaults,
    DATA_DIR: dataDir,
    PORT_OFFSET: String(portOffset),
    ...options.env,
  }
  const [program, ...args] = [...(options.wrap ?? []), process.execPath, command, 'serve']
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ports = Object.fromEntries(
    Object.entries(standardPorts).map(([name, port]) => [name, port + portOffset]),
  ) as TestServer['ports']

  const homepost = (args: readonly string[], input = '') => runHomepost(args, env, input)
  const server: TestServer = {
    dataDir,
    ports,
    process: child,
    output: () => output,
    homepost,
    addUsers: async (...localParts) => {
      for (const localPart of localParts) {
        const { code, stdout, stderr } = await homepost(
          ['user', 'add', `${localPart}@example.test`, '--password-stdin'],
          'pw\n',
        )
        if (code !== 0) throw new Error(`user add ${localPart} failed: ${stdout}${stderr}`)
      }
    },
    stop: async (signal = 'SIGTERM') => {
      const code = await end(child, serverPid(dataDir) ?? child.pid, signal)
      if (options.dataDir === undefined && signal === 'SIGTERM')
        rmSync(dataDir, { recursive: true, force: true })
      return code
    },
  }
  await readiness(child, ports, () => output)
  return server
}

// High enough that a test's own sign-ins and connections are never the thing refused.
const defaults = {
  HOMEPOST_ENV: 'development',
  BIND_ADDRESS: '127.0.0.1',
  DOMAIN: 'example.test',
  HOSTNAMES: 'mail.example.test',
  PORTS: '25,80,110,143,443,465,587,993,995,4190',
  RECIPIENT_DELIMITER: '+',
  AUTH_RATELIMIT_EXEMPTION: '127.0.0.0/8',
  MESSAGE_RATELIMIT: '100000/day',
  BREACHED_PASSWORDS_URL: 'none',
  // Nobody is there: no test asks the world for names.
  DNS_RESOLVERS: '127.0.0.1@9',
}

function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '/tmp', UV_THREADPOOL_SIZE } = process.env
  return { PATH, HOME, ...(UV_THREADPOOL_SIZE === undefined ? {} : { UV_THREADPOOL_SIZE }) }
}

/** Runs the command line to its end. */
export function runHomepost(args: readonly string[], env: Record<string, string>, input = ''): Promise<Ran> {
  return run(process.execPath, [command, ...args], { env, input })
}

/** Runs any program to its end; code -1 stands for one that could not start or was killed. */
export function run(
  program: string,
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string | Buffer; cwd?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        cwd: options.cwd ?? root,
        env: options.env ?? cleanEnvironment(),
        timeout: options.timeoutMs ?? 120_000,
        maxBuffer: 256 * 1024 * 1024,
      },
      (error, stdout, stderr) => resolve({ code: exitCodeOf(error), stdout, stderr }),
    )
    child.stdin?.on('error', () => undefined) // the program may end without reading all of it
    child.stdin?.end(options.input ?? '')
  })
}

function exitCodeOf(error: { code?: unknown } | null): number {
  if (error === null) return 0
  return typeof error.code === 'number' ? error.code : -1
}

/** The server itself: strace, for one, keeps signals to itself. */
function serverPid(dataDir: string): number | undefined {
  const file = join(dataDir, 'run', 'pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

function end(
  child: ChildProcess,
  pid: number | undefined,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    if (pid !== undefined) process.kill(pid, signal)
  })
}

async function readiness(
  child: ChildProcess,
  ports: TestServer['ports'],
  output: () => string,
): Promise<void> {
  const until = Date.now() + 60_000
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server ended at its start:\n${output()}`)
    }
    if ((await answers(ports.smtp)) && (await answers(ports.imap))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`the server did not open its ports:\n${output()}`)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy() && resolve(true))
    socket.once('error', () => resolve(false))
  })
}

// All ports stay below those that the system gives to clients. Modulo `step` the standard ports all differ: two servers whose
// offsets lie a multiple of it apart share none. What is free now may be taken before it is opened, so test files that run at
// the same time have offsets of their own.
const lowest = 2_000
const highest = 18_500
const step = 41
const ways = 4
const offsets = Math.floor((highest - lowest) / step / ways)
let tried = Math.floor(Math.random() * offsets)

/** An offset at which every standard port is free, and stays so for this test file. */
export async function freePortOffset(): Promise<number> {
  const way = Number(process.env['VITEST_POOL_ID'] ?? 0) % ways
  for (let attempt = 0; attempt < offsets; attempt++) {
    const offset = lowest + step * (ways * (tried++ % offsets) + way)
    const free = await Promise.all(
      [...Object.values(standardPorts), 2525].map((port) => isFree(port + offset)),
    )
    if (free.every(Boolean)) return offset
  }
  throw new Error('found no free ports')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
