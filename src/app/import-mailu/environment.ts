import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parseDomain } from '../../lib/address.ts'
import type { Environment, Finding } from './installation.ts'

/** What has to stay as it was, so that what Mailu wrote into mail and DNS goes on meaning the same. */
const names = ['SECRET_KEY', 'DKIM_SELECTOR', 'RECIPIENT_DELIMITER', 'DOMAIN', 'POSTMASTER'] as const

type Name = (typeof names)[number]

/** Reads `mailu.env` where it lies in Mailu's folder. */
export function readEnvironment(folder: string): Environment {
  const path = join(folder, 'mailu.env')
  return existsSync(path) ? chosen(parseEnv(readFileSync(path, 'utf8'))) : {}
}

/** Brings settings into the form in which both sides are compared. */
export function chosen(values: { readonly [N in Name]?: string | undefined }): Environment {
  const entries = names.flatMap((name): [string, string][] => {
    const value = values[name]
    return value === undefined || value === '' ? [] : [[name, compared(name, value)]]
  })
  return Object.fromEntries(entries)
}

function compared(name: Name, value: string): string {
  if (name === 'SECRET_KEY') return createHash('sha256').update(value).digest('hex')
  return name === 'DOMAIN' ? (parseDomain(value) ?? value) : value.toLowerCase()
}

export function otherSettings(mailu: Environment, here: Environment): Finding[] {
  return names.flatMap((name): Finding[] => {
    const [there, ours] = [mailu[name], here[name]]
    if (there === undefined || there === ours) return []
    const text =
      name === 'SECRET_KEY'
        ? 'take it from mailu.env, or bounces to addresses that Mailu has rewritten find nobody'
        : `is ${ours ?? 'empty'} here and ${there} there`
    return [{ what: 'other setting', on: name, text }]
  })
}
