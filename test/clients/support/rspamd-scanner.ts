import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { endGroup, freePort, listening } from './far-servers.ts'

const run = promisify(execFile)
const host = '127.0.0.1'

export interface RspamdScanner {
  /** Names of the symbols that hold; `fields` say how the message came. */
  readonly symbols: (message: string, fields: Readonly<Record<string, string>>) => Promise<readonly string[]>
  stop(): Promise<void>
}

/** Debian's rspamd with its own rules; it asks nobody but the name server on `dnsPort`. */
export async function startRspamdScanner(dnsPort: number): Promise<RspamdScanner> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-rspamd-'))
  chmodSync(folder, 0o755)
  for (const sub of ['local.d', 'override.d', 'var']) mkdirSync(join(folder, sub))
  const [port, controller, proxy] = [await freePort(), await freePort(), await freePort()]
  const files: Readonly<Record<string, string>> = {
    // With the list of all public suffixes it would compile patterns for half a minute, and not know `test`.
    tld: 'test\n',
    'local.d/options.inc': `url_tld = "${folder}/tld"; disable_hyperscan = true; local_addrs = [];
dns { nameserver = ["${host}:${dnsPort}"]; timeout = 5s; }\n`,
    'override.d/worker-normal.inc': `bind_socket = "${host}:${port}";\ncount = 1;\n`,
    'override.d/worker-controller.inc': `bind_socket = "${host}:${controller}";\n`,
    'override.d/worker-proxy.inc': `bind_socket = "${host}:${proxy}";\n`,
    ...Object.fromEntries(
      ['rbl', 'fuzzy_check', 'asn', 'phishing', 'mx_check', 'rspamd_update', 'hfilter'].map((name) => [
        `override.d/${name}.conf`,
        'enabled = false;\n',
      ]),
    ),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  await run('chown', ['-R', '_rspamd:_rspamd', join(folder, 'var')])
  const places = ['DBDIR', 'RUNDIR', 'LOGDIR'].map((name) => `--var=${name}=${folder}/var`)
  const child = spawn(
    '/usr/bin/rspamd',
    ['-f', '-u', '_rspamd', '-g', '_rspamd', ...places, `--var=LOCAL_CONFDIR=${folder}`],
    { stdio: 'ignore', detached: true },
  )
  await listening(port, child)
  return {
    async symbols(message, fields) {
      const body = new Uint8Array(Buffer.from(message, 'latin1'))
      const answer = await fetch(`http://${host}:${port}/checkv2`, { method: 'POST', headers: fields, body })
      const { symbols } = (await answer.json()) as { symbols: Record<string, unknown> }
      return Object.keys(symbols)
    },
    async stop() {
      await endGroup(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
