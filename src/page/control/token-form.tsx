import { useSignal } from '@preact/signals';
import type { Control } from './control.ts';

/** Asks for the token without which the server has this page do nothing. */
export function TokenForm({ control }: { control: Control }) {
  const text = useSignal('');
  const problem = useSignal('');
  const use = async () => {
    problem.value = '';
    problem.value = await control.useToken(text.peek().trim());
  };
  return (
    <form
      class="market-part"
      aria-label="Token"
      onSubmit={(event) => {
        event.preventDefault();
        void use();
      }}
    >
      <p>From here the server takes what is done to the market with its control token alone.</p>
      <label class="field-label" for="control-token">
        Control token
      </label>
      <div class="field-row">
        <input
          id="control-token"
          class="field"
          type="password"
          autocomplete="off"
          required
          aria-describedby="control-token-problem"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <button type="submit" class="button is-primary">
          Use
        </button>
      </div>
      <p id="control-token-problem" class="field-problem" role="alert">
        {problem.value}
      </p>
      <p>It is kept until this tab is closed.</p>
    </form>
  );
}
