import { appendFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { RowResult } from './pairs.ts'
import type { Spread } from './statistics.ts'

export type Report = {
  heading(text: string): void
  note(text: string): void
  row(result: RowResult): void
  /** A figure that has no counterpart in the peer. */
  figure(name: string, unit: string, value: Spread | number, target?: string): void
}

const widths = [36, 9, 24, 24, 20, 12, 12, 10] as const

/** Prints tables for people and, with a file, one JSON line per result. */
export function createReport(bench: string, jsonFile: string | undefined): Report {
  const keep = (record: object): void => {
    if (jsonFile === undefined) return
    const about = { bench, at: new Date().toISOString(), node: process.version, cores: cpus().length }
    appendFileSync(jsonFile, `${JSON.stringify({ ...about, ...record })}\n`)
  }
  return {
    heading(text) {
      console.log(`\n## ${text}\n`)
      console.log(line(['', '', 'A', 'B', 'A is better by', 'CPU ms/op A', 'CPU ms/op B', 'neighbours']))
    },
    note: (text) => console.log(`   ${text}`),
    row(result) {
      console.log(line(cellsOf(result)))
      for (const name of Object.keys(result.a.details)) {
        const cells = [result.a.details[name], result.b.details[name]].map((value) =>
          short(value ?? Number.NaN),
        )
        console.log(line([`  ${name}`, '', ...cells]))
      }
      keep(result)
    },
    figure(name, unit, value, target) {
      const shown = typeof value === 'number' ? short(value) : spread(value)
      console.log(line([name, unit, shown, '', target === undefined ? '' : `target ${target}`]))
      keep({ figure: name, unit, value, target })
    },
  }
}

function cellsOf({ row, unit, a, b, ratio, cpuRatio, neighbourCores, target }: RowResult): string[] {
  const goal = target === undefined ? '' : ` (${target})`
  return [
    row,
    unit,
    spread(a.value),
    spread(b.value),
    `${spread(ratio)}${goal}`,
    `${short(a.cpuMsPerOperation.median)}`,
    `${short(b.cpuMsPerOperation.median)} ×${short(cpuRatio.median)}`,
    short(neighbourCores.median),
  ]
}

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join(' ')
    .trimEnd()

const spread = ({ median, min, max }: Spread): string => `${short(median)} [${short(min)}–${short(max)}]`

function short(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  if (size >= 100) return value.toFixed(0)
  return size >= 10 ? value.toFixed(1) : value.toFixed(2)
}
