import { localeOf } from '../texts/texts.ts'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** `1.2 GB`, by thousands as quotas are set. */
export function bytes(language: string, n: number): string {
  const power = Math.min(units.length - 1, n < 1 ? 0 : Math.floor(Math.log10(n) / 3))
  return (n / 1000 ** power).toLocaleString(localeOf(language), {
    style: 'unit',
    unit: units[power] ?? 'byte',
    maximumFractionDigits: 1,
  })
}
