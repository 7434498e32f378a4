import { label, type Label } from './locales.ts'

const ofDeals = {
  pipeline_id: label('Pipeline Id', 'Only deals in this pipeline.'),
  stage_id: label('Stage Id', 'Only deals in this stage.'),
  owner_id: label('Owner Id', 'Only deals of this user.'),
}
const ofActivities = {
  owner_id: label('Owner Id', 'Only activities of this user.'),
  type: label('Type', 'Only activities of this type.'),
}
const callbackUrl = label('Callback URL', 'Where each event is sent; hosts fill it in by themselves.')

const deals = {
  updated: { when: 'a deal is updated', hint: 'change a deal in Pipedrive' },
  moved: { when: 'a deal is moved to another stage', hint: 'move a deal to another stage in Pipedrive' },
  won: { when: 'a deal is won', hint: 'mark a deal as won in Pipedrive' },
  lost: { when: 'a deal is lost', hint: 'mark a deal as lost in Pipedrive' },
  deleted: { when: 'a deal is deleted', hint: 'delete a deal in Pipedrive' },
}
const activities = {
  updated: { when: 'an activity is updated', hint: 'change an activity in Pipedrive' },
  done: { when: 'an activity is done', hint: 'mark an activity as done in Pipedrive' },
}

/** An EventText says when a trigger fires, and what a user does in Pipedrive to see it. */
export interface EventText {
  when: string
  hint: string
}
const polled = <P>({ when, hint }: EventText, between: string, parameters: P) => ({
  ...label(`When ${when}`, `This operation triggers when ${when}. ${between}`),
  hint: `To see it work now, ${hint}.`,
  parameters,
})
const instant = <P>({ when, hint }: EventText, parameters: P) => ({
  ...label(`When ${when} (instant)`, `This operation triggers when ${when}, as soon as Pipedrive tells of it.`),
  hint: `To see it work now, ${hint}.`,
  parameters: { callbackUrl, ...parameters },
})

const COUNT_ONCE = 'What happens several times between two polls counts once, and what is undone by then is not noticed.'

/** The texts of the triggers beyond the contract's, and of the instant version of each trigger. */
export const triggersEn = {
  TrigDealUpdated: polled(
    deals.updated,
    'Several changes between two polls count as one. A deal that is only added, deleted or archived is none.',
    ofDeals,
  ),
  TrigDealMoved: polled(deals.moved, 'Several moves between two polls count as one, also when the last one leads back.', ofDeals),
  TrigDealWon: polled(deals.won, COUNT_ONCE, ofDeals),
  TrigDealLost: polled(deals.lost, COUNT_ONCE, ofDeals),
  TrigDealDeleted: polled(deals.deleted, 'A deal that is restored before the next poll is not noticed.', ofDeals),
  TrigActivityUpdated: polled(
    activities.updated,
    'Several changes between two polls count as one. An activity that is only added or deleted is none.',
    ofActivities,
  ),
  TrigActivityDone: polled(activities.done, COUNT_ONCE, ofActivities),
  TrigNewDealInstant: instant({ when: 'a new deal is added', hint: 'add a deal in Pipedrive' }, ofDeals),
  TrigNewActivityInstant: instant({ when: 'a new activity is added', hint: 'add an activity in Pipedrive' }, ofActivities),
  TrigDealUpdatedInstant: instant(deals.updated, ofDeals),
  TrigDealMovedInstant: instant(deals.moved, ofDeals),
  TrigDealWonInstant: instant(deals.won, ofDeals),
  TrigDealLostInstant: instant(deals.lost, ofDeals),
  TrigDealDeletedInstant: instant(deals.deleted, ofDeals),
  TrigActivityUpdatedInstant: instant(activities.updated, ofActivities),
  TrigActivityDoneInstant: instant(activities.done, ofActivities),
  EndSubscription: {
    ...label('End subscription', 'Ends a subscription of an instant trigger; hosts call it when a flow is turned off.'),
    parameters: {
      trigger: label('Trigger', 'The trigger that was subscribed to.'),
      location: label('Location', 'What follows the trigger in the address that the subscription was answered with.'),
    },
  },
}

/** A definition of a record that has changed, from that of the record. */
export const changeEn = <K extends string>(of: Record<K, Label>) => ({
  ...of,
  changed: label('Changed Fields', 'The names of the fields that have changed.'),
  previous: label('Previous Values', 'What the changed fields held before; absent where nobody knows it.'),
  ...previous(of, ({ summary, description }) =>
    label(`Previous ${summary}`, `Before the change: ${description[0]!.toLowerCase()}${description.slice(1)}`),
  ),
})

/** The same labels one level down, under `previous`. */
export const previous = <K extends string>(of: Record<K, Label>, relabel: (label: Label) => Label) =>
  Object.fromEntries(Object.entries<Label>(of).map(([path, at]) => [`previous.${path}`, relabel(at)])) as Record<`previous.${K}`, Label>
