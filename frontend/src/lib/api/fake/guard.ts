import type { Api } from '../index'
import { alarmsFake } from './alarms'
import { auditFake } from './audit'
import type { Answer } from './made'

/** Who did what, and what must not be missed, made up. */
export function guardFake(
  answer: Answer,
  { empty, troubled, broken }: { empty: boolean; troubled: boolean; broken: boolean },
  alarmed: () => void,
): Pick<Api, 'audit' | 'alarms'> {
  return { audit: auditFake(answer, empty, broken), alarms: alarmsFake(answer, empty, troubled, alarmed) }
}
