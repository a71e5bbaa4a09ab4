interface Props {
  label: string;
  title: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, title, on, onChange }: Props) {
  return (
    <button
      type="button"
      className="switch"
      role="switch"
      aria-checked={on}
      title={title}
      onClick={() => onChange(!on)}
    >
      <span className="switch-track" aria-hidden="true" />
      {label}
    </button>
  );
}
