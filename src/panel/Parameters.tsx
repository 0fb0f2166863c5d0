import React, { useId, useState } from 'react';
import { type IOption, isChanged, options, written } from '../core/parameters';
import type { ModuleView, ParameterView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Mark } from './Mark';

/** The values in a step's cells that the attendee may choose. */
export function Parameters(props: {
  readonly module: ModuleView;
  readonly parameters: readonly ParameterView[];
}): JSX.Element | null {
  const { disabled } = usePanel();
  const { module, parameters } = props;
  if (parameters.length === 0 || disabled.includes('parameters')) {
    return null;
  }
  return (
    <div className="jp-MonaiWorkshop-part" data-part="parameters">
      {parameters.map(parameter => (
        <Parameter
          key={parameter.id}
          module={module.id}
          parameter={parameter}
        />
      ))}
    </div>
  );
}

/** One value: what it is, what else it can be, and what that costs. */
function Parameter(props: {
  readonly module: string;
  readonly parameter: ParameterView;
}): JSX.Element {
  const { trans, free, execute } = usePanel();
  const { module, parameter } = props;
  const { id, title, variable, value, original, problem } = parameter;
  const list = options(parameter);
  const now = list.findIndex(option => option.current);
  const [selection, select] = useState({ index: now, while: value });
  // What was selected is forgotten when the notebook has another value.
  const selected = selection.while === value ? selection.index : now;
  const name = useId();
  const option = list[selected];
  const chosen = option?.value ?? null;
  const off = !free || selected === now || chosen === null;
  const set = () =>
    execute(CommandIDs.setParameters, {
      module,
      values: JSON.stringify({ [id]: chosen })
    });
  return (
    <div className="jp-MonaiWorkshop-parameter" data-parameter={id}>
      <div className="jp-MonaiWorkshop-line">
        <label
          className="jp-MonaiWorkshop-heading"
          htmlFor={`${name}-value`}
          title={trans.__('%1 in the notebook', variable)}
        >
          {title}
        </label>
        {isChanged(parameter) && (
          <span className="jp-MonaiWorkshop-changed" data-changed={id}>
            {trans.__(
              'changed from %1 to %2',
              written(original!),
              written(value!)
            )}
          </span>
        )}
      </div>
      {problem ? (
        <p className="jp-MonaiWorkshop-lead jp-mod-plain">
          <Mark icon="warn" text={trans.__('Cannot be set here')} />
          <span>{problem}</span>
        </p>
      ) : (
        <>
          <div className="jp-MonaiWorkshop-control">
            <select
              id={`${name}-value`}
              className="jp-mod-styled"
              data-action="choose"
              aria-describedby={`${name}-effect`}
              value={selected}
              onChange={event =>
                select({ index: Number(event.target.value), while: value })
              }
            >
              {list.map((each, index) => (
                <option key={index} value={index}>
                  {optionText(each)}
                </option>
              ))}
            </select>
            <Button
              action="set"
              name={trans.__('Set %1', title)}
              off={off}
              onClick={set}
            >
              {trans.__('Set')}
            </Button>
          </div>
          <p id={`${name}-effect`} className="jp-MonaiWorkshop-muted">
            {effectText(option)}
          </p>
        </>
      )}
    </div>
  );

  function optionText(each: IOption): string {
    const text =
      each.value === null
        ? trans.__('as in the notebook')
        : each.offered
          ? written(each.value)
          : trans.__('%1 (your own)', written(each.value));
    return each.effect ? trans.__('%1: %2', text, each.effect) : text;
  }

  function effectText(each: IOption | undefined): string {
    if (each?.offered) {
      return each.effect;
    }
    return each === undefined || each.value === null
      ? trans.__('The notebook has no plain value here.')
      : trans.__('A value of your own; nobody has measured it.');
  }
}
