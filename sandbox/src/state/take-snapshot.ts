import type { Behaviour } from '../behaviour.ts'
import type { Meter, SpentTokens } from '../quota.ts'
import type { ClockOffset, Timeline } from '../timeline.ts'
import { companiesIn, type Company, type World } from './company.ts'
import { companiesOf, entriesOf, type Snapshot, snapshotOf, InvalidSnapshot } from './snapshot.ts'

/** A SnapshotSource is the state that a snapshot contains. The request log is not part of it. */
export interface SnapshotSource {
  clock: Timeline
  behaviour: Behaviour
  world: World
  meter: Meter
  lateSeconds: number
}

interface KeySnapshot {
  key: string
  company: number
  user: number
}

/** The state outside companies, as JSON. */
export const globalValues = ({ clock, behaviour, world, meter, lateSeconds }: SnapshotSource): Record<string, unknown> => ({
  clock: clock.save(),
  behaviour,
  spent: meter.save(),
  lateSeconds,
  keys: [...world.values()].map(({ key, company, user }): KeySnapshot => ({ key, company: company.id, user: user.id })),
})

/** The current state. It holds the live rows, so that a caller that keeps it must copy it. */
export const takeSnapshot = (source: SnapshotSource): Snapshot => snapshotOf(entriesOf(globalValues(source), companiesIn(source.world)))

/** The companies and keys of a snapshot. */
export function restoreWorld(snapshot: Snapshot, empty: () => Company): World {
  const keys = snapshot.values['keys'] as KeySnapshot[] | undefined
  if (!keys || keys.length === 0) throw new InvalidSnapshot('The snapshot has no keys; without one the sandbox is not usable.')
  const companies = new Map(companiesOf(snapshot, empty).map((company) => [company.id, company]))
  return new Map(
    keys.map(({ key, ...ids }) => {
      const company = companies.get(ids.company)
      const user = company?.users.get(ids.user)
      if (!company || !user)
        throw new InvalidSnapshot(
          `The snapshot has a key for the user ${ids.user} of company ${ids.company}, but it does not contain that user.`,
        )
      return [key, { key, company, user }]
    }),
  )
}

/** Restores the state outside companies. Switches that no longer exist are ignored. */
export function restoreValues(source: Pick<SnapshotSource, 'clock' | 'behaviour' | 'meter'>, { values }: Snapshot): void {
  const { clock, behaviour = {}, spent } = values
  if (clock) source.clock.restore(clock as ClockOffset)
  const known = Object.entries(behaviour as object).filter(([name]) => Object.hasOwn(source.behaviour, name))
  Object.assign(source.behaviour, Object.fromEntries(known))
  if (spent) source.meter.restore(spent as SpentTokens[])
}
