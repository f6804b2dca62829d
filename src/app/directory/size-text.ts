const units = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const

/** For people: `1.5 GB`. 0 stands for no limit. */
export function sizeText(bytes: number): string {
  if (bytes === 0) return 'unlimited'
  const [factor, unit] = units.find(([least]) => bytes >= least) ?? [1, 'B']
  return `${Number((bytes / factor).toFixed(2))} ${unit}`
}

/** Mailu: -1 is no limit. */
export const countText = (count: number): string => (count < 0 ? 'unlimited' : String(count))
