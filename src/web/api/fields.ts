import { z } from 'zod'
import { type Address, type DomainName, parseAddress, parseDomain } from '../../lib/address.ts'

/** Texts that are read once, at the edge. What a schema does not name is passed over, as in Mailu. */
function read<T>(parse: (text: string) => T | undefined, expected: string, example: string) {
  return z
    .string()
    .transform((text, problem) => {
      const value = parse(text)
      if (value !== undefined) return value
      problem.addIssue({ code: 'custom', message: `“${text.slice(0, 100)}” is no ${expected}.` })
      return z.NEVER
    })
    .meta({ description: `A ${expected}`, example })
}

export const domainName = read<DomainName>(parseDomain, 'domain name', 'example.com')
export const address = read<Address>(parseAddress, 'mail address', 'ann@example.com')
/** Of which the local part may be a pattern. */
export const aliasAddress = read<string>(parseAddress, 'address of an alias', 'sales@example.com')
/** In a path or a query. */
export const number = (what: string) =>
  read<number>((text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined), `number of a ${what}`, '1')

export const text = (description: string) => z.string().meta({ description })
export const flag = (description: string) => z.boolean().meta({ description })
export const count = (description: string) => z.int().min(-1).meta({ description })
export const bytes = (description: string) => z.int().min(0).meta({ description })
export const comment = text('For you')

/** `2027-01-31`, in UTC: Mailu knows days only. */
export const dayOf = (instant: number) => new Date(instant).toISOString().slice(0, 10)
export const timeOf = (instant: number) => new Date(instant).toISOString()
/** Where Mailu has NULL, the directory has an empty text. */
export const orNull = (value: string) => (value === '' ? null : value)

/** Of what was said, what is there. */
export function said<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
