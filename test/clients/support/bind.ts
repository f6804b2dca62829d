import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answering } from './answering.ts'
import { freePort } from './far-servers.ts'

/** BIND with the zone example.test, whose text records change for who has the key `acme-key`. */
export interface NameServer {
  readonly port: number
  /** In base64. */
  readonly secret: string
  /** Everything it said so far. */
  log(): string
  stop(): Promise<void>
}

export async function startBind(folder: string): Promise<NameServer> {
  const port = await freePort()
  const secret = Buffer.from('the secret of the name server').toString('base64')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'example.test.zone'),
    `$TTL 60
@ SOA ns.example.test. hostmaster.example.test. 1 3600 600 86400 60
@ NS ns.example.test.
ns A 127.0.0.1
mail A 127.0.0.1
mx A 127.0.0.1
_acme-challenge.mx CNAME elsewhere.acme.example.test.
`,
  )
  writeFileSync(
    join(folder, 'named.conf'),
    `key "acme-key" { algorithm hmac-sha256; secret "${secret}"; };
options {
  directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; allow-transfer { none; };
};
controls { };
zone "example.test" {
  type primary; file "${folder}/example.test.zone";
  update-policy { grant acme-key zonesub TXT; };
};
`,
  )
  chmodSync(folder, 0o777)
  const log = join(folder, 'named.log')
  const child = spawn('named', ['-f', '-4', '-n', '1', '-c', join(folder, 'named.conf'), '-L', log], {
    stdio: 'ignore',
  })
  await answering(port, child)
  return {
    port,
    secret,
    log: () => readFileSync(log, 'utf8'),
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
