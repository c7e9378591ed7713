import { alert, h } from './dom';
import { moment } from './format';
import type { UserError } from './operations';

/**
 * A refusal as people can act on it. `__typename` tells which kind it is: a rule of segregation of duties names the earlier act
 * and who could decide instead, a conflict asks to read again, everything else has a sentence.
 */
export function explain(error: UserError, reload: () => void): HTMLElement {
  switch (error.__typename) {
    case 'SegregationOfDutiesError': {
      const { conflictsWith, eligibleActors, rule, tier } = error;
      const when = conflictsWith.at === null ? '' : `, ${moment(conflictsWith.at)}`;
      const others = eligibleActors.map((actor) => h('li', {}, actor.displayName));
      return alert(
        h('h3', {}, 'Somebody else has to decide'),
        h('p', {}, error.message),
        h(
          'dl',
          {},
          h('dt', {}, 'Rule'),
          h('dd', {}, `${rule} (${tier === 'MANDATORY' ? 'always in force' : 'in force here'})`),
          h('dt', {}, 'Because of'),
          h('dd', {}, `${conflictsWith.duty} by ${conflictsWith.personDisplay}${when}`),
        ),
        others.length === 0
          ? h('p', {}, 'Nobody here could do it now: ask an administrator.')
          : h('div', {}, h('p', {}, 'These people can:'), h('ul', {}, ...others)),
      );
    }
    case 'ConflictError': {
      const button = h('button', { type: 'button', onclick: reload }, 'Load it again');
      return alert(h('h3', {}, 'Somebody was faster'), h('p', {}, error.message), button);
    }
    default:
      return alert(h('h3', {}, 'Not approved'), h('p', {}, error.message));
  }
}
