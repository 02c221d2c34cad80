//! Where a build comes from, as continuous integration tells the processes it starts.

/// What is known of a build's origin.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Origin {
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) pull_request: Option<String>,
    pub(crate) ci_url: Option<String>,
    pub(crate) tag: Option<String>,
}

/// A variable's value, when it is set and not empty.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A system, the variable that gives it away, and how it tells. The names are documented by each system.
struct System {
    sign: &'static str,
    read: fn(Lookup<'_>) -> Origin,
}

const SYSTEMS: [System; 7] = [
    System { sign: "GITHUB_ACTIONS", read: github_actions },
    System { sign: "GITLAB_CI", read: gitlab },
    System { sign: "BITRISE_IO", read: bitrise },
    System { sign: "TF_BUILD", read: azure_pipelines },
    System { sign: "CI_XCODE_CLOUD", read: xcode_cloud },
    System { sign: "CIRCLECI", read: circle_ci },
    System { sign: "JENKINS_URL", read: jenkins },
];

/// Reads the variables of the system this process runs under; nothing when it is none of those known.
pub(crate) fn origin(lookup: Lookup<'_>) -> Origin {
    let system = SYSTEMS.iter().find(|system| lookup(system.sign).is_some());
    system.map(|system| (system.read)(lookup)).unwrap_or_default()
}

fn github_actions(lookup: Lookup<'_>) -> Origin {
    let name = lookup("GITHUB_REF_NAME");
    let is_tag = lookup("GITHUB_REF_TYPE").as_deref() == Some("tag");
    let pull_request = lookup("GITHUB_REF").and_then(|reference| {
        let rest = reference.strip_prefix("refs/pull/")?;
        Some(rest.split('/').next().unwrap_or(rest).to_owned())
    });
    let run = || {
        let (server, repository) = (lookup("GITHUB_SERVER_URL")?, lookup("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", lookup("GITHUB_RUN_ID")?))
    };
    Origin {
        commit: lookup("GITHUB_SHA"),
        // On a pull request the reference's name is that of a merge nobody made.
        branch: lookup("GITHUB_HEAD_REF")
            .or_else(|| name.clone().filter(|_| !is_tag && pull_request.is_none())),
        tag: name.filter(|_| is_tag),
        pull_request,
        ci_url: run(),
    }
}

fn gitlab(lookup: Lookup<'_>) -> Origin {
    Origin {
        commit: lookup("CI_COMMIT_SHA"),
        branch: lookup("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME").or_else(|| lookup("CI_COMMIT_BRANCH")),
        pull_request: lookup("CI_MERGE_REQUEST_IID"),
        ci_url: lookup("CI_PIPELINE_URL"),
        tag: lookup("CI_COMMIT_TAG"),
    }
}

fn bitrise(lookup: Lookup<'_>) -> Origin {
    Origin {
        commit: lookup("BITRISE_GIT_COMMIT").or_else(|| lookup("GIT_CLONE_COMMIT_HASH")),
        branch: lookup("BITRISE_GIT_BRANCH"),
        pull_request: lookup("BITRISE_PULL_REQUEST"),
        ci_url: lookup("BITRISE_BUILD_URL"),
        tag: lookup("BITRISE_GIT_TAG"),
    }
}

fn azure_pipelines(lookup: Lookup<'_>) -> Origin {
    let reference = lookup("BUILD_SOURCEBRANCH").unwrap_or_default();
    let run = || {
        let (collection, project) = (lookup("SYSTEM_COLLECTIONURI")?, lookup("SYSTEM_TEAMPROJECT")?);
        let collection = collection.trim_end_matches('/').to_owned();
        Some(format!("{collection}/{project}/_build/results?buildId={}", lookup("BUILD_BUILDID")?))
    };
    Origin {
        commit: lookup("BUILD_SOURCEVERSION"),
        branch: lookup("SYSTEM_PULLREQUEST_SOURCEBRANCH")
            .map(|branch| branch.trim_start_matches("refs/heads/").to_owned())
            .or_else(|| reference.strip_prefix("refs/heads/").map(str::to_owned)),
        pull_request: lookup("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"),
        ci_url: run(),
        tag: reference.strip_prefix("refs/tags/").map(str::to_owned),
    }
}

fn xcode_cloud(lookup: Lookup<'_>) -> Origin {
    Origin {
        commit: lookup("CI_COMMIT"),
        branch: lookup("CI_BRANCH"),
        pull_request: lookup("CI_PULL_REQUEST_NUMBER"),
        ci_url: lookup("CI_BUILD_URL"),
        tag: lookup("CI_TAG"),
    }
}

fn circle_ci(lookup: Lookup<'_>) -> Origin {
    Origin {
        commit: lookup("CIRCLE_SHA1"),
        branch: lookup("CIRCLE_BRANCH"),
        pull_request: lookup("CIRCLE_PULL_REQUEST"),
        ci_url: lookup("CIRCLE_BUILD_URL"),
        tag: lookup("CIRCLE_TAG"),
    }
}

fn jenkins(lookup: Lookup<'_>) -> Origin {
    let branch = lookup("CHANGE_BRANCH").or_else(|| lookup("BRANCH_NAME")).or_else(|| lookup("GIT_BRANCH"));
    Origin {
        commit: lookup("GIT_COMMIT"),
        branch: branch.map(|branch| branch.trim_start_matches("origin/").to_owned()),
        pull_request: lookup("CHANGE_ID"),
        ci_url: lookup("BUILD_URL"),
        tag: lookup("TAG_NAME"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Origin {
        origin(&|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    fn of(commit: &str, branch: &str, pull_request: &str, ci_url: &str, tag: &str) -> Origin {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Origin {
            commit: text(commit),
            branch: text(branch),
            pull_request: text(pull_request),
            ci_url: text(ci_url),
            tag: text(tag),
        }
    }

    #[test]
    fn every_system_tells_in_its_own_words() {
        for (variables, expected, why) in [
            (&[][..], Origin::default(), "a shell"),
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_SHA", "abc"),
                    ("GITHUB_REF", "refs/heads/main"),
                    ("GITHUB_REF_NAME", "main"),
                    ("GITHUB_REF_TYPE", "branch"),
                    ("GITHUB_SERVER_URL", "https://git.example"),
                    ("GITHUB_REPOSITORY", "o/r"),
                    ("GITHUB_RUN_ID", "7"),
                ],
                of("abc", "main", "", "https://git.example/o/r/actions/runs/7", ""),
                "GitHub, a push",
            ),
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_REF", "refs/pull/12/merge"),
                    ("GITHUB_REF_NAME", "12/merge"),
                    ("GITHUB_HEAD_REF", "feature"),
                ],
                of("", "feature", "12", "", ""),
                "GitHub, a pull request",
            ),
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_REF", "refs/tags/v1"),
                    ("GITHUB_REF_NAME", "v1"),
                    ("GITHUB_REF_TYPE", "tag"),
                ],
                of("", "", "", "", "v1"),
                "GitHub, a tag",
            ),
            (
                &[
                    ("GITLAB_CI", "true"),
                    ("CI_COMMIT_SHA", "abc"),
                    ("CI_COMMIT_BRANCH", "main"),
                    ("CI_PIPELINE_URL", "u"),
                ],
                of("abc", "main", "", "u", ""),
                "GitLab",
            ),
            (
                &[("BITRISE_IO", "true"), ("GIT_CLONE_COMMIT_HASH", "abc"), ("BITRISE_GIT_TAG", "v1")],
                of("abc", "", "", "", "v1"),
                "Bitrise",
            ),
            (
                &[
                    ("TF_BUILD", "True"),
                    ("BUILD_SOURCEVERSION", "abc"),
                    ("BUILD_SOURCEBRANCH", "refs/heads/main"),
                    ("SYSTEM_COLLECTIONURI", "https://dev.example/o/"),
                    ("SYSTEM_TEAMPROJECT", "p"),
                    ("BUILD_BUILDID", "9"),
                ],
                of("abc", "main", "", "https://dev.example/o/p/_build/results?buildId=9", ""),
                "Azure",
            ),
            (
                &[
                    ("CI_XCODE_CLOUD", "TRUE"),
                    ("CI_COMMIT", "abc"),
                    ("CI_BRANCH", "main"),
                    ("CI_PULL_REQUEST_NUMBER", "3"),
                ],
                of("abc", "main", "3", "", ""),
                "Xcode Cloud",
            ),
            (
                &[
                    ("CIRCLECI", "true"),
                    ("CIRCLE_SHA1", "abc"),
                    ("CIRCLE_BRANCH", "main"),
                    ("CIRCLE_BUILD_URL", "u"),
                ],
                of("abc", "main", "", "u", ""),
                "CircleCI",
            ),
            (
                &[("JENKINS_URL", "https://j.example"), ("GIT_COMMIT", "abc"), ("GIT_BRANCH", "origin/main")],
                of("abc", "main", "", "", ""),
                "Jenkins",
            ),
        ] {
            assert_eq!(read(variables), expected, "{why}");
        }
    }
}
