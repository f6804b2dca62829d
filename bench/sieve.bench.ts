import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { indexMessage } from '../src/lib/mime/indexer.ts'
import { createSieve } from '../src/modules/sieve/index.ts'
import { sieveFacts } from '../test/support/sieve-facts.ts'
import { percentile } from './measure/statistics.ts'

const messageCount = 500
const pairs = 5

/** Rules as people have them; none of them stops the others. */
function rules(count: number): string {
  const kinds = [
    (n: number) => `if header :regex "subject" "^\\\\[list-${n}\\\\] (.*)$" { fileinto "L${n}"; stop; }`,
    (n: number) => `if body :contains "secret-${n}" { fileinto "B${n}"; stop; }`,
    (n: number) =>
      `if anyof (address :domain "from" "d${n}.example", header :matches "list-id" "*<l${n}.*>") { fileinto "D${n}"; stop; }`,
    (n: number) =>
      `if allof (header :contains ["to", "cc"] "user${n}@", size :over 10K) { fileinto "T${n}"; }`,
    (n: number) => `if address :is ["from", "sender"] ["a${n}@x.test", "b${n}@x.test"] { fileinto "F${n}"; }`,
  ]
  const lines = Array.from({ length: count }, (_, n) => kinds[n % kinds.length]?.(n) ?? '')
  return `require ["fileinto", "regex", "body"];\n${lines.join('\n')}\n`
}

function message(n: number): string {
  const received = Array.from(
    { length: 12 },
    (_, hop) =>
      `Received: from h${hop}.example by m${hop}.example with ESMTP id ${hop}; Thu, 13 Feb 2025 10:00:00 +0000`,
  )
  const header = [
    ...received,
    'From: Someone <some@one.example>',
    'To: nico@home.test, other@home.test',
    `Subject: Hello number ${n}, this is a usual subject`,
    'List-Id: <foo.bar.example>',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
  ]
  const body = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do.\r\n'.repeat(750)
  return `${header.join('\r\n')}\r\n\r\n${body}`
}

const scripts = [
  { name: '50 rules, 50 KB', text: rules(50) },
  { name: '5 rules, 50 KB', text: rules(5) },
]

/** Milliseconds per message, reading and indexing it included, beside Pigeonhole's sieve-filter: both in one process. */
export async function run(): Promise<void> {
  const installer = fileURLToPath(new URL('../scripts/install-debian.sh', import.meta.url))
  if (spawnSync(installer, ['dovecot-core', 'dovecot-sieve'], { stdio: 'inherit' }).status !== 0) return
  const folder = mkdtempSync(join(tmpdir(), 'homepost-sieve-bench-'))
  try {
    prepare(folder)
    for (const { name, text } of scripts) await compare(folder, name, text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function prepare(folder: string): void {
  const mail = join(folder, 'mail')
  for (const name of ['', 'cur', 'new', 'tmp']) mkdirSync(join(mail, name), { recursive: true })
  for (let n = 0; n < messageCount; n++)
    writeFileSync(join(mail, 'cur', `${1_700_000_000 + n}.M${n}.h:2,S`), message(n))
  for (const path of [folder, mail, join(mail, 'cur'), join(mail, 'new'), join(mail, 'tmp')])
    chmodSync(path, 0o777)
  const config = [
    'first_valid_gid = 0',
    'mail_uid = nobody',
    'mail_gid = nogroup',
    `mail_location = maildir:${mail}`,
    'log_path = /dev/stderr',
    'ssl = no',
    '',
  ]
  writeFileSync(join(folder, 'dovecot.conf'), config.join('\n'))
}

async function compare(folder: string, name: string, text: string): Promise<void> {
  writeFileSync(join(folder, 'script.sieve'), text)
  const [a, b]: [number[], number[]] = [[], []]
  await ours(folder, text)
  theirs(folder)
  for (let pair = 0; pair < pairs; pair++) {
    a.push(await ours(folder, text))
    b.push(theirs(folder))
  }
  const ratios = b.map((value, pair) => value / (a[pair] ?? value))
  const ms = (values: readonly number[]) => `${percentile(values, 50).toFixed(3)} ms`
  console.log(
    `sieve ${name}: ${ms(a)}, sieve-filter ${ms(b)}, ×${percentile(ratios, 50).toFixed(2)} (target 1)`,
  )
}

async function ours(folder: string, text: string): Promise<number> {
  const start = performance.now()
  const engine = createSieve()
  const compiled = await engine.compile({ name: 'script', text, library: [] })
  if (compiled.kind === 'refused') throw new Error(compiled.errors[0]?.message)
  const mail = join(folder, 'mail', 'cur')
  const facts = sieveFacts('')
  for (const name of readdirSync(mail)) {
    const bytes = readFileSync(join(mail, name))
    const { kind } = await engine.evaluate(compiled.script, {
      ...facts,
      message: { bytes, index: indexMessage(bytes) },
    })
    if (kind === 'failed') throw new Error('the script failed')
  }
  return (performance.now() - start) / messageCount
}

function theirs(folder: string): number {
  const start = performance.now()
  const env = { ...process.env, HOME: folder }
  const { status } = spawnSync('sieve-filter', ['-c', 'dovecot.conf', 'script.sieve', 'INBOX'], {
    cwd: folder,
    env,
  })
  if (status !== 0) throw new Error('sieve-filter failed')
  return (performance.now() - start) / messageCount
}
