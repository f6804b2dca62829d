import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { accepting, freePorts, host } from '../server/ports.ts'
import type { Contestant } from './contestant.ts'
import type { CorpusMessage } from './corpus.ts'

const run = promisify(execFile)
const installer = join(import.meta.dirname, '../../scripts/install-debian.sh')

/** What asks the network, remembers senders, or is not about the message. */
const off =
  'antivirus arc asn aws_s3 bimi clickhouse dcc dkim dkim_signing dmarc elastic external_relay external_services fuzzy_check greylist history_redis metadata_exporter metric_exporter mx_check neural p0f ratelimit rbl replies reputation rspamd_update spf surbl url_redirector'

/** rspamd of Debian with its own weights and Mailu's settings of Bayes, beside a Redis; no network. */
export async function startRspamd(scratch: string): Promise<Contestant> {
  await run(installer, ['rspamd', 'redis-server'], { timeout: 600_000 })
  const folder = mkdtempSync(join(scratch, 'rspamd-'))
  chmodSync(folder, 0o755)
  const [normal = 0, controller = 0, redis = 0, proxy = 0] = await freePorts(4)
  const local = render(folder, { normal, controller, redis, proxy })
  const store = spawn(
    '/usr/bin/redis-server',
    ['--port', String(redis), '--bind', host, '--save', '', '--dir', folder],
    { stdio: 'ignore' },
  )
  const dirs = ['DBDIR', 'RUNDIR', 'LOGDIR'].map((name) => `--var=${name}=${folder}/var`)
  await run('chown', ['-R', '_rspamd:_rspamd', `${folder}/var`])
  const child = spawn(
    '/usr/bin/rspamd',
    ['-f', '-u', '_rspamd', '-g', '_rspamd', ...dirs, `--var=LOCAL_CONFDIR=${local}`],
    { stdio: 'ignore' },
  )
  await accepting(
    [redis, normal, controller],
    180_000,
    () => child.exitCode === null && store.exitCode === null,
  )
  return {
    name: 'rspamd',
    threshold: 6,
    async teach(messages) {
      await run('/usr/bin/redis-cli', ['-p', String(redis), 'flushall'])
      await pause(1_000)
      for (const { octets, as } of messages)
        await post(controller, as === 'spam' ? '/learnspam' : '/learnham', octets)
      // It reads how much was learned every few seconds.
      await pause(15_000)
    },
    ask: (messages) =>
      inTurn(messages, async ({ octets }) => {
        const { score } = JSON.parse(await post(normal, '/checkv2', octets)) as { score: number }
        return score
      }),
    async end() {
      child.kill()
      store.kill()
      await pause(500)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function render(folder: string, ports: Record<'normal' | 'controller' | 'redis' | 'proxy', number>): string {
  const local = join(folder, 'etc')
  mkdirSync(join(local, 'local.d'), { recursive: true })
  mkdirSync(join(local, 'override.d'))
  mkdirSync(join(folder, 'var'))
  const files: Readonly<Record<string, string>> = {
    'local.d/redis.conf': `servers = "${host}:${ports.redis}";\n`,
    'local.d/classifier-bayes.conf': `backend = "redis";\nservers = "${host}:${ports.redis}";\nmin_learns = 200;\n`,
    'local.d/options.inc': `dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }\n`,
    'override.d/worker-normal.inc': `bind_socket = "${host}:${ports.normal}";\ncount = 1;\n`,
    'override.d/worker-controller.inc': `bind_socket = "${host}:${ports.controller}";\nsecure_ip = "127.0.0.1";\n`,
    'override.d/worker-proxy.inc': `bind_socket = "${host}:${ports.proxy}";\n`,
    'local.d/logging.inc': 'level = "warning";\n',
    'local.d/phishing.conf': 'openphish_enabled = false;\nphishtank_enabled = false;\n',
    ...Object.fromEntries(off.split(' ').map((name) => [`override.d/${name}.conf`, 'enabled = false;\n'])),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(local, name), text)
  return local
}

/** A few at once. */
async function inTurn(
  messages: readonly CorpusMessage[],
  each: (message: CorpusMessage) => Promise<number>,
): Promise<number[]> {
  const scores: number[] = []
  let next = 0
  const work = async () => {
    for (let at = next++; at < messages.length; at = next++) {
      const message = messages[at]
      if (message) scores[at] = await each(message)
    }
  }
  await Promise.all([work(), work()])
  return scores
}

/** As rspamc asks: rspamd puts a body behind 204, which no HTTP client takes. */
export async function post(port: number, path: string, body: Buffer): Promise<string> {
  const socket = connect({ host, port })
  const head = `POST ${path} HTTP/1.0\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\nLearn-Type: bulk\r\nConnection: close\r\n\r\n`
  socket.write(Buffer.concat([Buffer.from(head), body]))
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  const answer = Buffer.concat(chunks).toString()
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}
