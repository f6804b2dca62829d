import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from '../ports/runtime.ts'
import { measureProcess } from './process-metrics.ts'

/** A meter that can be read: what `GET /metrics` answers. */
export interface ReadableMeter extends Meter {
  /** Prometheus text format 0.0.4. */
  render(): Promise<string>
  readonly contentType: string
}

type Labels = Readonly<Record<string, string>>

const prefix = 'homepost_'
/** From half a millisecond, a local look-up, to half a minute, a slow neighbour. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** `processMetrics` adds CPU, memory, descriptors and event loop of this process. */
export function createMeter({ processMetrics = true } = {}): ReadableMeter {
  const registry = new Registry()
  if (processMetrics) measureProcess(registry)
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  const mislabelled = new Counter({
    name: `${prefix}meter_mislabelled_total`,
    help: 'Samples left out because their labels differ from those their metric began with: a bug',
    labelNames: ['metric'],
    registers: [registry],
  })

  const counter = (name: string, labels: Labels) =>
    new Counter({ ...described(name, labels), registers: [registry] })
  const histogram = (name: string, labels: Labels) =>
    new Histogram({ ...described(name, labels), buckets, registers: [registry] })

  /** A sample that does not fit is counted, not thrown: measuring never breaks mail. */
  const record = (name: string, sample: () => void) => {
    try {
      sample()
    } catch {
      mislabelled.inc({ metric: name })
    }
  }

  return {
    count(name, labels = {}, by = 1) {
      const metric = getOrMake(counters, name, () => counter(name, labels))
      record(name, () => metric.inc(labels, by))
    },
    gauge(name, read) {
      // A module that starts anew in the same process reports its new self.
      registry.removeSingleMetric(prefix + name)
      new Gauge({
        ...described(name, {}),
        registers: [registry],
        collect() {
          this.set(read())
        },
      })
    },
    observeSeconds(name, seconds, labels = {}) {
      const metric = getOrMake(histograms, name, () => histogram(name, labels))
      record(name, () => metric.observe(labels, seconds))
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function described(name: string, labels: Labels) {
  return { name: prefix + name, help: name.replaceAll('_', ' '), labelNames: Object.keys(labels) }
}

function getOrMake<T>(made: Map<string, T>, name: string, make: () => T): T {
  const known = made.get(name)
  if (known !== undefined) return known
  const metric = make()
  made.set(name, metric)
  return metric
}
