import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { freePort } from './support/far-servers.ts'
import { messagesOf, transport } from './support/mailbox.ts'

// Debian's opendkim and rspamd, asked by the server before its own filter, as Postfix would ask them.

const folder = mkdtempSync(join(tmpdir(), 'milters-'))
const programs: ChildProcess[] = []

beforeAll(async () => {
  await requireDebian('opendkim', 'opendkim-tools', 'rspamd')
  chmodSync(folder, 0o755)
})
afterAll(async () => {
  for (const program of programs) await end(program)
  rmSync(folder, { recursive: true, force: true })
})

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return
  const gone = new Promise((resolve) => program.once('exit', resolve))
  program.kill('SIGTERM')
  await gone
}

async function start(port: number, program: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  programs.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  for (const until = Date.now() + 100_000; Date.now() < until; await sleep(100)) {
    if (child.exitCode !== null) break
    if (await answers(port)) return child
  }
  throw new Error(`${program} did not start:\n${said}`)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy() && resolve(true))
    socket.once('error', () => resolve(false))
  })
}

async function send(
  server: TestServer,
  how: 'plain' | 'submission',
  subject: string,
  text: string,
): Promise<string> {
  const sent = transport(server, how).sendMail({
    from: how === 'plain' ? 'shop@example.org' : 'ann@example.test',
    to: 'ann@example.test',
    headers: { 'X-Spam': 'No', 'Authentication-Results': 'opendkim.test; dkim=pass header.d=example.org' },
    subject,
    text,
  })
  return await sent.then(
    ({ response }) => response,
    (cause: Error) => cause.message,
  )
}

async function sendAgain(server: TestServer, message: Buffer | undefined): Promise<string> {
  const raw = String(message).replace(/^Delivered-To:.*\r\n/im, '')
  const envelope = { from: 'shop@example.org', to: 'ann@example.test' }
  return (await transport(server, 'plain').sendMail({ envelope, raw })).response
}

const headerOf = (message: Buffer | undefined) => String(message).split('\r\n\r\n')[0] ?? ''

async function opendkim(): Promise<{
  port: number
  child: ChildProcess
  restart: () => Promise<ChildProcess>
}> {
  const port = await freePort()
  await run('opendkim-genkey', ['-D', folder, '-d', 'example.test', '-s', 'milter', '-b', '1024'])
  const configuration = join(folder, 'opendkim.conf')
  writeFileSync(join(folder, 'inner'), '192.0.2.1\n')
  const published = /p=([^")]*)/.exec(readFileSync(join(folder, 'milter.txt'), 'utf8'))?.[1] ?? ''
  writeFileSync(
    join(folder, 'keys'),
    `milter._domainkey.example.test v=DKIM1; k=rsa; p=${published.trim()}\n`,
  )
  writeFileSync(
    configuration,
    [
      'Syslog no',
      'Mode sv',
      'Domain example.test',
      'Selector milter',
      `KeyFile ${join(folder, 'milter.private')}`,
      `InternalHosts ${join(folder, 'inner')}`,
      `TestPublicKeys ${join(folder, 'keys')}`,
      'AuthservID opendkim.test',
      'AlwaysAddARHeader yes',
      'RemoveARFrom opendkim.test',
      'RequireSafeKeys no',
      '',
    ].join('\n'),
  )
  const restart = () =>
    start(port, '/usr/sbin/opendkim', '-f', '-x', configuration, '-p', `inet:${port}@127.0.0.1`)
  return { port, child: await restart(), restart }
}

describe('opendkim', () => {
  test('checks what comes, signs what a user sends, and mail waits while it is away', async () => {
    const { port, child, restart } = await opendkim()
    const server = await startServer({ env: { MILTERS: `inet:127.0.0.1:${port}`, ANTISPAM: 'none' } })
    try {
      await server.addUsers('ann')
      expect(await send(server, 'plain', 'came', 'Hello')).toMatch(/^250/)
      expect(await send(server, 'submission', 'sent', 'Hello')).toMatch(/^250/)
      const [came = '', sent = ''] = (await messagesOf(server, 'ann')).map(headerOf)
      expect(came.match(/^Authentication-Results: opendkim\.test;.*/gim)?.length).toBe(1)
      expect(came).toMatch(/^Authentication-Results: opendkim\.test; dkim=none/im)
      expect(sent).toMatch(/^DKIM-Signature: [^:]*s=milter;/m)
      // Its own signature, which covers every octet, is good for it: nothing was lost on the way there or into the store.
      expect(await sendAgain(server, (await messagesOf(server, 'ann'))[1])).toMatch(/^250/)
      expect(headerOf((await messagesOf(server, 'ann'))[2])).toMatch(
        /^Authentication-Results: opendkim\.test;\s+dkim=pass/m,
      )

      await end(child)
      for (const how of ['plain', 'submission'] as const)
        expect(await send(server, how, 'away', 'Hello')).toMatch(/451 4\.7\.1 A filter is not ready/)
      await restart()
      expect(await send(server, 'plain', 'back', 'Hello')).toMatch(/^250/)
    } finally {
      await server.stop()
    }
  })
})

/** Without Redis, without the network: its rules, and the test of all filters. */
async function rspamd(): Promise<number> {
  const port = await freePort()
  for (const name of ['data', 'override.d', 'local.d']) mkdirSync(join(folder, name))
  const configuration = join(folder, 'rspamd.conf')
  writeFileSync(
    configuration,
    `
    options {
      filters = "regexp";
      enable_test_patterns = true;
      pidfile = "${join(folder, 'rspamd.pid')}";
      dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
    }
    lua = "$RULESDIR/rspamd.lua"
    logging { type = "console"; level = "warning"; }
    actions { reject = 15; add_header = 6; }
    worker "rspamd_proxy" {
      bind_socket = "127.0.0.1:${port}";
      count = 1;
      milter = yes;
      timeout = 60s;
      upstream "local" { default = yes; self_scan = yes; }
    }
    `,
  )
  await start(
    port,
    '/usr/bin/rspamd',
    '-f',
    '-i',
    '-c',
    configuration,
    '--var',
    `DBDIR=${join(folder, 'data')}`,
  )
  return port
}

const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

describe('rspamd', () => {
  test('refuses, lets pass, and marks', async () => {
    const port = await rspamd()
    const server = await startServer({ env: { MILTERS: `inet:127.0.0.1:${port}`, ANTISPAM: 'none' } })
    try {
      await server.addUsers('ann')
      expect(await send(server, 'plain', 'gtube', gtube)).toMatch(/55\d 5\.7\.1/)
      expect(await send(server, 'plain', 'letter', 'Hello Ann, how are you?')).toMatch(/^250/)
      // Rspamd's own test for "add header".
      expect(
        await send(
          server,
          'plain',
          'marked',
          `YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X`,
        ),
      ).toMatch(/^250/)
      const headers = [
        ...(await messagesOf(server, 'ann')),
        ...(await messagesOf(server, 'ann', 'Junk')),
      ].map(headerOf)
      const of = (subject: string) => headers.find((header) => header.includes(`Subject: ${subject}`)) ?? ''
      expect(of('letter').match(/^X-Spam:.*/gm)).toEqual(['X-Spam: No'])
      expect(of('marked').match(/^X-Spam:.*/gm)).toEqual(['X-Spam: Yes'])
    } finally {
      await server.stop()
    }
  })
})
