import type { Operation, Trigger } from '../../catalog/define.ts'
import { nearest } from '../../kit/nearest.ts'
import { TriggerNotFound } from './errors/trigger-not-found.ts'

/** Longer than any id; the time to compare grows with the length. */
const NAME_LENGTH = 100

export const instantTriggers = (catalog: readonly Operation[]): readonly Trigger[] =>
  catalog.filter((operation): operation is Trigger => operation.kind === 'trigger' && operation.instant !== undefined)

/** The trigger whose id is in the path of a subscription. Throws TriggerNotFound with the most similar id. */
export function triggerOf(catalog: readonly Operation[], id: string): Trigger {
  const triggers = instantTriggers(catalog)
  const found = triggers.find((trigger) => trigger.id === id)
  if (found) return found
  const replacement = catalog.find((operation) => operation.id === id)?.revision?.replacement
  if (replacement !== undefined) throw new TriggerNotFound(id, `It is deprecated: subscribe to ${replacement}.`)
  const ids = triggers.map((trigger) => trigger.id)
  const meant = nearest(id.slice(0, NAME_LENGTH), ids)
  throw new TriggerNotFound(id, meant === undefined ? `There are ${ids.join(', ')}.` : `Did you mean ${meant}?`)
}
