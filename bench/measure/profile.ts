import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const shown = 25
const notWork = new Set(['(idle)', '(root)', '(program)'])

/** The functions that took most of the time themselves, one list per thread. */
export function printProfiles(folder: string): void {
  if (!existsSync(folder)) return
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const own = ownTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    const total = [...own.values()].reduce((sum, time) => sum + time, 0)
    console.log(`\n## ${file}: ${(total / 1e6).toFixed(2)} s of work\n`)
    const hottest = [...own].sort(([, x], [, y]) => y - x).slice(0, shown)
    for (const [place, time] of hottest)
      console.log(`${((time / total) * 100).toFixed(1).padStart(5)} %  ${place}`)
  }
}

function ownTimes({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<string, number> {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const own = new Map<string, number>()
  samples.forEach((id, at) => {
    const frame = places.get(id)
    if (frame === undefined || notWork.has(frame.functionName)) return
    const place = `${frame.functionName || '(anonymous)'}  ${shortPlace(frame.url)}:${frame.lineNumber + 1}`
    own.set(place, (own.get(place) ?? 0) + (timeDeltas[at] ?? 0))
  })
  return own
}

function shortPlace(url: string): string {
  if (!url.startsWith('file:')) return url
  const path = fileURLToPath(url)
  return /(?:src|node_modules)\/.*/.exec(path)?.[0] ?? basename(path)
}
