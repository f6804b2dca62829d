import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Contestant } from './judge/contestant.ts'
import { type CorpusMessage, readCorpus } from './judge/corpus.ts'
import { createHomepost } from './judge/homepost.ts'
import { startRspamd } from './judge/rspamd.ts'
import { startSpamAssassin } from './judge/spamassassin.ts'
import { compareSpeed } from './judge/speed.ts'
import { type Split, splitsOf } from './judge/splits.ts'

const falsePositives = [0.001, 0.005]
const peers: Readonly<Record<string, (scratch: string) => Promise<Contestant>>> = {
  rspamd: startRspamd,
  spamassassin: startSpamAssassin,
}
/** Student's t for 95 % and so many values. */
const student: Readonly<Record<number, number>> = { 2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776 }

/**
 * How well content tells spam from ham: the SpamAssassin public corpus, taught on one part, judged on the other. With
 * `--peers rspamd,spamassassin` these are taught and asked the same; with `--speed` what it costs instead, beside rspamd.
 * `--only "senders unseen"` takes one way of splitting, `--times 3` three splits at random instead of five.
 */
export async function run(args: readonly string[]): Promise<void> {
  if (args.includes('--speed')) return compareSpeed(args.filter((one) => one !== '--speed'))
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      corpus: { type: 'string', default: '/var/tmp/spamassassin-public-corpus' },
      scratch: { type: 'string', default: '/var/tmp' },
      only: { type: 'string', default: '' },
      times: { type: 'string', default: '5' },
      peers: { type: 'string', default: '' },
    },
  })
  const corpus = String(values['corpus'])
  if (!existsSync(corpus)) {
    console.log(`judge: no corpus in ${corpus}; name the unpacked one by --corpus FOLDER`)
    return
  }
  const messages = readCorpus(corpus)
  const times = Number(values['times'])
  const splits = splitsOf(messages, times).filter(({ name }) => name.includes(String(values['only'])))
  const homepost = createHomepost()
  await compare(homepost, splits)
  const spent = Object.entries(homepost.spent).map(
    ([what, ms]) => `${what} ${(ms / messages.length).toFixed(2)}`,
  )
  console.log(
    `judge: ${messages.length} messages; milliseconds each: ${spent.join(', ')} (score: ${splits.length} times)`,
  )
  for (const name of String(values['peers']).split(',')) {
    const start = peers[name]
    if (!start) continue
    const peer = await start(String(values['scratch']))
    try {
      await compare(peer, splits)
    } finally {
      await peer.end()
    }
  }
}

interface Figures {
  /** Spam caught at each rate of false positives. */
  readonly caught: readonly number[]
  /** At the threshold of its makers. */
  readonly hamPassed: number
  readonly spamCaught: number
}

async function compare(judge: Contestant, splits: readonly Split[]): Promise<void> {
  for (const [name, same] of Map.groupBy(splits, (split) => split.name)) {
    const rows: Figures[] = []
    for (const split of same) rows.push(await judged(judge, split))
    const column = (of: (row: Figures) => number | undefined) => said(rows.map((row) => of(row) ?? 0))
    const caught = falsePositives.map((_, at) => column((row) => row.caught[at]))
    console.log(
      `| ${judge.name} | ${name} | ${caught.join(' | ')} | ${column((row) => row.hamPassed)} | ${column((row) => row.spamCaught)} |`,
    )
  }
}

async function judged(judge: Contestant, { taught, asked }: Split): Promise<Figures> {
  await judge.teach(taught)
  const scores = await judge.ask(asked)
  const of = (as: CorpusMessage['as']) => scores.filter((_, at) => asked[at]?.as === as)
  const ham = of('ham').sort((one, other) => other - one)
  const spam = of('spam')
  const above = (list: readonly number[], threshold: number) =>
    list.filter((score) => score > threshold).length / list.length
  return {
    caught: falsePositives.map((rate) => above(spam, ham[Math.floor(ham.length * rate)] ?? 0)),
    hamPassed: 1 - ham.filter((score) => score >= judge.threshold).length / ham.length,
    spamCaught: spam.filter((score) => score >= judge.threshold).length / spam.length,
  }
}

/** `97.9 ± 0.4`: the mean and half its interval of 95 %. */
function said(values: readonly number[]): string {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length
  const t = student[values.length]
  const text = (share: number) => (share * 100).toFixed(1)
  if (t === undefined) return text(mean)
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1)
  return `${text(mean)} ± ${text((t * Math.sqrt(variance)) / Math.sqrt(values.length))}`
}
