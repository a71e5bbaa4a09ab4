import { type ReactNode, useLayoutEffect, useRef } from "react";
import { useRoute } from "./query/route-context";
import { Icon, Mark } from "./shared/icons";
import { type Theme, useTheme } from "./shared/theme";
import { useUpload } from "./upload/upload-context";

interface Props {
  onStats: () => void;
  onShortcuts: () => void;
  children: ReactNode;
}

const THEMES: Record<Theme, { icon: ReactNode; label: string }> = {
  system: { icon: <Icon name="system" />, label: "Theme: as the system" },
  light: { icon: <Icon name="sun" />, label: "Theme: light" },
  dark: { icon: <Icon name="moon" />, label: "Theme: dark" },
};

export function Header({ onStats, onShortcuts, children }: Props) {
  const { dispatch } = useRoute();
  const { canUpload, canIndex, openUpload, openFolders } = useUpload();
  const [theme, turnTheme] = useTheme();
  const header = useRef<HTMLElement>(null);

  // What sticks below it has to know how high it is: chips wrap.
  useLayoutEffect(() => {
    const node = header.current;
    if (!node) return;
    const observer = new ResizeObserver(() =>
      document.documentElement.style.setProperty("--header", `${node.offsetHeight}px`),
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  return (
    <header ref={header} className="header">
      <h1>
        <a
          className="brand"
          href="/"
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            dispatch({ type: "reset" });
          }}
        >
          <Mark />
          <span>photoseek</span>
        </a>
      </h1>
      {children}
      <nav className="tools" aria-label="Tools">
        {(canUpload || canIndex) && (
          <Tool
            label="Add photos"
            onClick={() => (canUpload ? openUpload() : openFolders())}
            icon={<Icon name="upload" />}
          />
        )}
        <Tool label="This library" onClick={onStats} icon={<Icon name="chart" />} />
        <Tool
          label="Keys"
          onClick={onShortcuts}
          icon={<Icon name="keyboard" />}
          className="wide-only"
        />
        <Tool label={THEMES[theme].label} onClick={turnTheme} icon={THEMES[theme].icon} />
      </nav>
    </header>
  );
}

interface ToolProps {
  label: string;
  icon: ReactNode;
  onClick: () => void;
  className?: string;
}

function Tool({ label, icon, onClick, className = "" }: ToolProps) {
  return (
    <button
      type="button"
      className={`button quiet square ${className}`}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      {icon}
    </button>
  );
}
