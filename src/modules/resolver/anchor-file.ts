import { readFileSync } from 'node:fs'
import { replaceFile } from '../../platform/files.ts'
import type { Log } from '../../ports/runtime.ts'
import type { AnchorFile, AnchorMemories, SeenKey } from './dnssec/anchors.ts'

/** What is known of trust anchors, as JSON: RFC 5011 §4.2 needs it over a restart. */
export function anchorFileAt(path: string, log: Log): AnchorFile {
  return {
    read: () => {
      try {
        return memoriesIn(JSON.parse(readFileSync(path, 'utf8')))
      } catch (cause) {
        // A first start. Without the file, or with a broken one, the built-in keys are what there is.
        if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'))
          log.warn('resolver.anchors-unreadable', { path, why: String(cause) })
        return {}
      }
    },
    write: (memories) => replaceFile(path, `${JSON.stringify(memories, undefined, 2)}\n`),
  }
}

function memoriesIn(value: unknown): AnchorMemories {
  if (typeof value !== 'object' || value === null) throw new Error('This file does not hold trust anchors')
  return Object.fromEntries(
    Object.entries(value).map(([zone, memory]: [string, { validated?: unknown; keys?: unknown }]) => [
      zone,
      {
        validated: memory?.validated === true,
        keys: Array.isArray(memory?.keys) ? memory.keys.filter(isKey) : [],
      },
    ]),
  )
}

function isKey(value: unknown): value is SeenKey {
  if (typeof value !== 'object' || value === null) return false
  const { key, state, since, lastSeen } = value as Partial<Record<keyof SeenKey, unknown>>
  const isState = state === 'pending' || state === 'valid' || state === 'revoked'
  return typeof key === 'string' && isState && typeof since === 'number' && typeof lastSeen === 'number'
}
