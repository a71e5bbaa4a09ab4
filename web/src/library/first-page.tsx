import { Icon } from "../shared/icons";
import { useUpload } from "../upload/upload-context";
import { FolderChooser } from "./folder-chooser";
import { isOver } from "./run-texts";
import { useFolderRun } from "./use-folder-run";

/** What is shown while there are no photos: how to get some. */
export function FirstPage() {
  const { canIndex, run } = useFolderRun();
  if (run && !isOver(run)) {
    return <p className="coming">Photos appear here as they come.</p>;
  }
  return (
    <div className="first">
      <span className="first-mark">
        <Icon name="photos" />
      </span>
      {canIndex ? <Choose /> : <Commands />}
      <SinglePhotos />
    </div>
  );
}

function Choose() {
  return (
    <>
      <h2>Choose a folder with your photos</h2>
      <p className="first-lead">
        They are found by what they show, in your own words: “red car at night”. They stay where
        they are, and nothing leaves this computer.
      </p>
      <FolderChooser />
    </>
  );
}

/** For whoever is not at the gateway's machine. */
function Commands() {
  return (
    <>
      <h2>The library is empty</h2>
      <p className="first-lead">
        Index a folder, a bucket or a list of URLs on the machine that photoseek runs on. Then
        search here, or there:
      </p>
      <ul className="commands" aria-label="Commands">
        {["index --source ~/Pictures", 'search "red car at night"'].map((task) => (
          <li key={task}>
            <code>photoseek {task}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

function SinglePhotos() {
  const { canUpload, openUpload } = useUpload();
  if (!canUpload) return null;
  return (
    <p className="first-other">
      Only a few photos? Drop them here, or{" "}
      <button type="button" className="link" onClick={() => openUpload()}>
        choose them
      </button>
      .
    </p>
  );
}
