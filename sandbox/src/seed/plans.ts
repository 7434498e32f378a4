import type { Plan } from '../state/company.ts'

const small = { 1: 'Owner & followers', 3: 'Entire company' }
const large = { 1: 'Owner only', 3: "Owner's visibility group", 5: "Owner's visibility group and sub-groups", 7: 'Entire company' }

export const planNames = ['Lite', 'Growth', 'Premium', 'Ultimate'] as const
export type PlanName = (typeof planNames)[number]

/** Pipedrive's plans, with English labels. */
export const plans: Readonly<Record<PlanName, Plan>> = {
  Lite: { name: 'Lite', visibility: small, burst: 20, multiplier: 1 },
  Growth: { name: 'Growth', visibility: small, burst: 40, multiplier: 2 },
  Premium: { name: 'Premium', visibility: large, burst: 100, multiplier: 5 },
  Ultimate: { name: 'Ultimate', visibility: large, burst: 120, multiplier: 7 },
}
