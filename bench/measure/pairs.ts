import type { MailServer } from '../server/mail-server.ts'
import { percentile, type Spread, spreadOf } from './statistics.ts'
import { calm, measured, type Window } from './window.ts'

/** One thing to measure. `trial` runs once per server and round; what it returns is one sample. */
export type Row = {
  readonly name: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  /** The ratio this row should reach, printed beside the result. It never fails a run. */
  readonly target?: number
  readonly rounds?: number
  /** A first trial that does not count: caches on both sides are built, the answer is checked. */
  readonly warmUp?: (server: MailServer) => Promise<void>
  readonly trial: (server: MailServer, round: number) => Promise<Trial>
}

export type Trial = {
  readonly value: number
  /** What the server's CPU time is divided by. */
  readonly operations: number
  readonly details?: Readonly<Record<string, number>>
}

type Side = {
  readonly name: string
  readonly value: Spread
  readonly cpuMsPerOperation: Spread
  readonly clientCpuMsPerOperation: number
  readonly details: Readonly<Record<string, number>>
}

export type RowResult = {
  readonly row: string
  readonly unit: string
  readonly a: Side
  readonly b: Side
  /** How many times A is better than B, pair by pair. */
  readonly ratio: Spread
  /** Server CPU per operation, B divided by A. */
  readonly cpuRatio: Spread
  readonly neighbourCores: Spread
  readonly target?: number
}

export type Pair = { readonly a: MailServer; readonly b: MailServer }
type Sample = Window<Trial>

/** A, B, A, B …: each pair is measured within the same moments, so that a neighbour disturbs both. */
export async function comparePair(
  row: Row,
  pair: Pair,
  options: { rounds: number; calmMs: number },
): Promise<RowResult> {
  for (const server of [pair.a, pair.b]) await row.warmUp?.(server)
  const samples: { a: Sample; b: Sample }[] = []
  for (let round = 0; round < (row.rounds ?? options.rounds); round++) {
    await calm(options.calmMs)
    const a = await measured(pair.a, () => row.trial(pair.a, round))
    await calm(options.calmMs)
    const b = await measured(pair.b, () => row.trial(pair.b, round))
    samples.push({ a, b })
  }
  return {
    row: row.name,
    unit: row.unit,
    a: sideOf(
      pair.a.name,
      samples.map((sample) => sample.a),
    ),
    b: sideOf(
      pair.b.name,
      samples.map((sample) => sample.b),
    ),
    ratio: spreadOf(samples.map(({ a, b }) => betterBy(row.better, a.result.value, b.result.value))),
    cpuRatio: spreadOf(samples.map(({ a, b }) => cpuMs(b) / cpuMs(a))),
    neighbourCores: spreadOf(samples.flatMap(({ a, b }) => [a.neighbourCores, b.neighbourCores])),
    ...(row.target === undefined ? {} : { target: row.target }),
  }
}

const betterBy = (better: Row['better'], a: number, b: number): number => (better === 'lower' ? b / a : a / b)

const cpuMs = (sample: Sample): number => (sample.serverCpuSeconds * 1000) / sample.result.operations

function sideOf(name: string, samples: readonly Sample[]): Side {
  return {
    name,
    value: spreadOf(samples.map((sample) => sample.result.value)),
    cpuMsPerOperation: spreadOf(samples.map(cpuMs)),
    clientCpuMsPerOperation: percentile(
      samples.map((sample) => (sample.clientCpuSeconds * 1000) / sample.result.operations),
      50,
    ),
    details: mediansOf(samples.map((sample) => sample.result.details ?? {})),
  }
}

function mediansOf(details: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(details[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [
      name,
      percentile(
        details.map((each) => each[name] ?? Number.NaN),
        50,
      ),
    ]),
  )
}
