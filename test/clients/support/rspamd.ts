import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFleet } from '../../support/dns/servers.ts'
import { makeZone } from '../../support/dns/zone.ts'
import type { PublicKeys, Said } from './dkim-programs.ts'
import { endGroup, freePort, listening } from './far-servers.ts'

/** What Debian's rspamd says of each signature, by keys that it finds in DNS: a name server of ours is all that it may ask. */
export async function rspamdVerifies(
  messages: readonly string[],
  domain: string,
  keys: PublicKeys,
): Promise<readonly Said[]> {
  const names = await startFleet([{ ip: '127.53.2.1', zones: [zoneOf(domain, keys)] }])
  const folder = mkdtempSync(join(tmpdir(), 'homepost-rspamd-'))
  const port = await freePort()
  writeFileSync(join(folder, 'tld'), 'test\n')
  writeFileSync(join(folder, 'conf'), configuration(folder, port, `127.53.2.1:${names.port}`))
  const child = spawn('/usr/bin/rspamd', ['-f', '-i', '-c', join(folder, 'conf')], {
    stdio: 'ignore',
    detached: true,
  })
  try {
    await listening(port, child)
    const said: Said[] = []
    for (const message of messages) said.push(await ask(port, message))
    return said
  } finally {
    await endGroup(child)
    await names.stop()
    rmSync(folder, { recursive: true })
  }
}

/** Nothing but its DKIM. With the list of all public suffixes it would compile patterns for half a minute. */
const configuration = (folder: string, port: number, server: string) => `
options {
  filters = "dkim"; rundir = "${folder}"; tempdir = "${folder}"; url_tld = "${folder}/tld"; disable_hyperscan = true;
  dns { nameserver = ["${server}"]; timeout = 5s; }
}
logging { type = "console"; level = "error"; }
dkim { max_sigs = 8; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
`

async function ask(port: number, message: string): Promise<Said> {
  const answer = await fetch(`http://127.0.0.1:${port}/checkv2`, {
    method: 'POST',
    headers: { ip: '192.0.2.1' },
    body: new Uint8Array(Buffer.from(message, 'latin1')),
  })
  const { symbols } = (await answer.json()) as { symbols: Record<string, { options?: string[] } | undefined> }
  const named = (symbol: string) => symbols[symbol]?.options ?? []
  return [
    ...named('R_DKIM_ALLOW').map(() => 'pass' as const),
    ...[...named('R_DKIM_REJECT'), ...named('R_DKIM_PERMFAIL'), ...named('R_DKIM_TEMPFAIL')].map(
      () => 'fail' as const,
    ),
  ]
}

function zoneOf(domain: string, keys: PublicKeys) {
  const lines = [...keys].map(([name, text]) => {
    const pieces = (text.match(/.{1,200}/g) ?? []).map((piece) => `"${piece}"`)
    return `${name}. 300 TXT ${pieces.join(' ')}`
  })
  const period = { from: 0, until: 0 }
  return makeZone({ name: domain, lines: [`${domain}. 300 NS ns.${domain}.`, ...lines], period })
}
