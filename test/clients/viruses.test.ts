import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eicar } from '../support/clamd.ts'
import { zipOf } from '../support/documents.ts'
import { alertingSylk, stompedDoc } from '../support/macro-documents.ts'
import { run, startServer, type TestServer } from '../support/server.ts'
import { type RealClamd, realClamd, unwanted } from './support/clamd.ts'
import { requireDebian } from './support/debian.ts'

// Mailu's own tests of its filters, with Debian's clamd and swaks, from outside and from people who signed in.

let clamd: RealClamd
let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'viruses-'))

beforeAll(async () => {
  await requireDebian('clamav-daemon', 'swaks', 'libnet-ssleay-perl')
  clamd = await realClamd()
  await clamd.start()
  server = await startServer({
    env: { ANTIVIRUS: 'clamav', ANTIVIRUS_ADDRESS: `127.0.0.1:${clamd.port}` },
  })
  await server.addUsers('ann')
})
afterAll(async () => {
  await server?.stop()
  await clamd?.remove()
  rmSync(folder, { recursive: true, force: true })
})

const ways = {
  'from outside': () => ['--port', String(server.ports.smtp), '--from', 'sender@example.org'],
  'from a user': () => [
    ...['--port', String(server.ports.submission), '--tls', '--from', 'ann@example.test'],
    ...['--auth', 'PLAIN', '--auth-user', 'ann@example.test', '--auth-password', 'pw'],
  ],
}

interface File {
  readonly name: string
  readonly content: string | Buffer
}

async function swaks(
  way: keyof typeof ways,
  { name, content }: File,
  body = 'See the file.',
): Promise<string> {
  const path = join(folder, name)
  writeFileSync(path, content)
  const { stdout } = await run('swaks', [
    ...['--server', '127.0.0.1', '--ehlo', 'client.example.org', '--to', 'ann@example.test'],
    ...['--body', body, '--attach-type', 'application/octet-stream', '--attach-name', name],
    ...['--attach', `@${path}`, ...ways[way]()],
  ])
  // What was answered to the message, after the dot.
  return /-> \.\n(<.*)/.exec(stdout)?.[1] ?? stdout
}

describe.each(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
  test('EICAR is refused, packed or not', async () => {
    expect(await swaks(way, { name: 'eicar.com.txt', content: eicar })).toMatch(
      /550 5\.7\.1 .*"eicar\.com\.txt" contains a virus \(Eicar-Test-Signature/,
    )
    expect(await swaks(way, { name: 'packed.zip', content: zipOf({ 'eicar.com': eicar }) })).toMatch(
      /550 5\.7\.1 .*"packed\.zip" contains a virus/,
    )
  })

  test('a stomped document and a spreadsheet with a macro of Excel 4 are refused', async () => {
    expect(await swaks(way, { name: 'stomped.doc', content: stompedDoc() })).toMatch(
      /550 5\.7\.1 .*"stomped\.doc" contains a dangerous macro/,
    )
    expect(await swaks(way, { name: 'alert.slk', content: alertingSylk() })).toMatch(
      /550 5\.7\.1 .*"alert\.slk" contains a dangerous macro/,
    )
  })

  test('the test text of all filters is refused, and a file that may be started', async () => {
    const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
    expect(await swaks(way, { name: 'notes.txt', content: 'nothing to see' }, gtube)).toMatch(
      /550 5\.7\.1 .*GTUBE/,
    )
    expect(await swaks(way, { name: 'PotentiallyUnwanted.exe', content: 'MZ' })).toMatch(/550 5\.7\.1 /)
  })

  test('a program that clamd takes for unwanted is refused, whatever its name', async () => {
    const content = `${unwanted} and more`
    expect(await swaks(way, { name: 'PotentiallyUnwanted.exe_', content })).toMatch(
      /550 5\.7\.1 .*"PotentiallyUnwanted\.exe_" contains a virus \(PUA\./,
    )
  })

  test('a clean file passes', async () => {
    expect(await swaks(way, { name: 'notes.txt', content: 'nothing to see' })).toMatch(/250 2\./)
  })

  test('while clamd is down the sender is asked to come back; then it passes', async () => {
    const file = { name: 'later.txt', content: `a file that nobody has seen, ${way}` }
    await clamd.stop()
    expect(await swaks(way, file)).toMatch(/451 4\.7\.1/)
    await clamd.start()
    expect(await swaks(way, file)).toMatch(/250 2\./)
  })

  test('a virus in a file that makes the message longer than clamd takes is found all the same', async () => {
    const padding = Buffer.alloc(3_500_000, 'x')
    expect(
      await swaks(way, { name: 'long.dat', content: Buffer.concat([padding, Buffer.from(eicar)]) }),
    ).toMatch(/550 5\.7\.1 .*contains a virus/)
  })
})
