import type { ReportedDay } from '../../../ports/mail-reports.ts'

/** Adds up by days. */
export class DayTotals {
  readonly #days = new Map<string, { count: number; failed: number }>()

  /** `end` of the report, UTC milliseconds: many end at midnight, which is the day after. */
  add(end: number, count: number, failed: number): void {
    const day = new Date(end - 1).toISOString().slice(0, 10)
    const known = this.#days.get(day) ?? { count: 0, failed: 0 }
    this.#days.set(day, { count: known.count + count, failed: known.failed + failed })
  }

  list(): readonly ReportedDay[] {
    return [...this.#days]
      .map(([day, totals]) => ({ day, ...totals }))
      .sort((one, other) => (one.day < other.day ? -1 : 1))
  }
}
