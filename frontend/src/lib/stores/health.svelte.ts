import type { Api, HealthReport, PartHealth } from '$lib/api'
import type { Clock } from './clock.svelte'
import type { Connection } from './connection.svelte'
import { Resource } from './resource.svelte'

/** What every part of the program says of itself, and the pulse in the footer. */
export class HealthStore {
  readonly report: Resource<HealthReport>

  constructor(api: Api, connection: Connection, clock: Clock) {
    this.report = new Resource({
      connection,
      read: async () => {
        const report = await api.health.get()
        clock.set(report.now)
        return report
      },
      topics: ['health', 'queue', 'signals'],
      gap: 1000,
      every: 5000,
    })
  }

  /** paper, testnet, live, or "" while it is not known. */
  get mode(): string {
    return this.report.data?.mode ?? ''
  }

  get parts(): PartHealth[] {
    return this.report.data?.items ?? []
  }

  /** The parts that need a hand. */
  get troubled(): PartHealth[] {
    return this.parts.filter((part) => part.state === 'degraded' || part.state === 'down')
  }
}
