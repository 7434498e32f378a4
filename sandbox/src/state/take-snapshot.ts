import type { Behaviour } from '../behaviour.ts'
import type { Meter, SpentTokens } from '../quota.ts'
import type { ClockOffset, Timeline } from '../timeline.ts'
import { companiesIn, type Company, type World } from './company.ts'
import { companiesOf, entriesOf, type Snapshot, snapshotOf, InvalidSnapshot } from './snapshot.ts'

/** A Memory is what of a sandbox outlives it. The log of requests does not. */
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

/** What belongs to no company, as JSON. */
export const globalValues = ({ clock, behaviour, world, meter, lateSeconds }: SnapshotSource): Record<string, unknown> => ({
  clock: clock.save(),
  behaviour,
  spent: meter.save(),
  lateSeconds,
  keys: [...world.values()].map(({ key, company, user }): KeySnapshot => ({ key, company: company.id, user: user.id })),
})

/** Everything as it is at this moment. It holds the living rows: whoever keeps it makes a copy. */
export const takeSnapshot = (source: SnapshotSource): Snapshot => snapshotOf(entriesOf(globalValues(source), companiesIn(source.world)))

/** The world of an snapshot. */
export function restoreWorld(snapshot: Snapshot, empty: () => Company): World {
  const keys = snapshot.values['keys'] as KeySnapshot[] | undefined
  if (!keys || keys.length === 0) throw new InvalidSnapshot('The snapshot has no keys: nobody could use the sandbox.')
  const companies = new Map(companiesOf(snapshot, empty).map((company) => [company.id, company]))
  return new Map(
    keys.map(({ key, ...ids }) => {
      const company = companies.get(ids.company)
      const user = company?.users.get(ids.user)
      if (!company || !user)
        throw new InvalidSnapshot(`The snapshot has a key for the user ${ids.user} of company ${ids.company}, who is not in it.`)
      return [key, { key, company, user }]
    }),
  )
}

/** Puts back what belongs to no company. Switches that do not exist any more are left out. */
export function restoreValues(source: Pick<SnapshotSource, 'clock' | 'behaviour' | 'meter'>, { values }: Snapshot): void {
  const { clock, behaviour = {}, spent } = values
  if (clock) source.clock.restore(clock as ClockOffset)
  const known = Object.entries(behaviour as object).filter(([name]) => Object.hasOwn(source.behaviour, name))
  Object.assign(source.behaviour, Object.fromEntries(known))
  if (spent) source.meter.restore(spent as SpentTokens[])
}
